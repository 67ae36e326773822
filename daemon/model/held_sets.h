// SPDX-License-Identifier: Apache-2.0
// What a container was given: the sets of its first workload process, or those that its runtime was
// configured to give.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/model/capability.h"

namespace capmon {

// Ids of a user namespace and the ids outside; one line of /proc/PID/uid_map.
struct IdRange {
  uint32_t inside = 0;
  uint32_t outside = 0;
  uint32_t count = 0;

  friend bool operator==(const IdRange&, const IdRange&) = default;
};
using IdMap = std::vector<IdRange>;  // the kernel allows 340 lines

struct HeldSets {
  CapabilitySet permitted, effective, inheritable, bounding, ambient;
  uint32_t uid = 0;
  bool no_new_privs = false;
  uint8_t seccomp_mode = 0;
  uint8_t userns_level = 0;
  std::string path;                // the process they were read from
  std::string source = "process";  // or the source: "oci", "cri"

  friend bool operator==(const HeldSets&, const HeldSets&) = default;
};

}  // namespace capmon
