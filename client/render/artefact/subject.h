// SPDX-License-Identifier: Apache-2.0
// What the kinds of settings have in common: the profile, read once.
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

// Came with Linux 5.8 and 5.9; what is older does not know them.
inline constexpr CapabilitySet kNamesOf2020 = {CAP_BPF, CAP_PERFMON, CAP_CHECKPOINT_RESTORE};

struct Subject {
  explicit Subject(const v1::Profile& source, bool deny = false);

  const v1::Profile& profile;
  CapabilitySet keep;  // what is unknown as well
  CapabilitySet unknown;
  CapabilitySet removed;                // every other capability there is
  CapabilitySet ambient;                // kept, and ambient when it started
  bool no_new_privileges;               // known to be safe
  bool was_privileged;                  // by its runtime's word
  bool held_everything;                 // so it may have been, where no runtime was asked
  bool filtered;                        // it ran under a seccomp filter
  std::optional<uint32_t> uid;          // its first process ran as, inside; where known
  bool enforce;                         // a policy shall refuse, and not only tell
  std::string list = "containers";      // of the pod's spec it is in
  std::vector<v1::Profile> neighbours;  // other containers of its namespace

  bool maybe_privileged() const { return was_privileged || held_everything; }

  bool starts_unprivileged() const { return uid && *uid != 0; }
};

// "NET_RAW", as Kubernetes and Docker write it, and "CAP_NET_RAW". Sorted by name.
std::vector<std::string> BareNames(CapabilitySet set);
std::vector<std::string> FullNames(CapabilitySet set);

}  // namespace capmon
