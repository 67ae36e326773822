// SPDX-License-Identifier: Apache-2.0
// What all kinds of settings use: the profile, read once.
#pragma once

#include <linux/capability.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "daemon/model/capability.h"

namespace capmon {

using Json = nlohmann::ordered_json;

// Added in Linux 5.8 and 5.9; older software does not know them.
inline constexpr CapabilitySet kNamesOf2020 = {CAP_BPF, CAP_PERFMON, CAP_CHECKPOINT_RESTORE};

struct ArtefactInput {
  explicit ArtefactInput(const v1::Profile& source, bool deny = false);

  const v1::Profile& profile;
  CapabilitySet keep;  // includes the unknown ones
  CapabilitySet unknown;
  CapabilitySet removed;                // every other capability
  CapabilitySet ambient;                // kept, and ambient when it started
  bool no_new_privileges;               // known to be safe
  bool was_privileged;                  // as its runtime reports
  bool held_everything;                 // may have been privileged, if no runtime reported it
  bool filtered;                        // it ran under a seccomp filter
  std::optional<uint32_t> uid;          // user of its first process, inside; unset: not known
  bool enforce;                         // a policy denies instead of warning
  std::string list = "containers";      // the list in the pod's spec
  std::vector<v1::Profile> neighbours;  // other containers of its namespace

  bool maybe_privileged() const { return was_privileged || held_everything; }

  bool starts_unprivileged() const { return uid && *uid != 0; }
};

// "NET_RAW", as Kubernetes and Docker write it, and "CAP_NET_RAW". Sorted by name.
std::vector<std::string> BareNames(CapabilitySet set);
std::vector<std::string> FullNames(CapabilitySet set);

}  // namespace capmon
