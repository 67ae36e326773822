// SPDX-License-Identifier: Apache-2.0
// /proc/PID/status of a process or thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/model/capability.h"

namespace capmon {

struct ProcessStatus {
  pid_t pid = 0;
  std::string name;  // bytes chosen by the process
  uint32_t uid = 0, euid = 0, gid = 0, egid = 0;
  CapabilitySet inheritable, permitted, effective, bounding, ambient;
  bool no_new_privs = false;
  uint8_t seccomp_mode = 0;  // 0 none, 1 strict, 2 filter
  // All ids and sets were present and could be read. Ambient sets, which came with Linux 4.3, may
  // be absent.
  bool complete = false;
};

// A field that cannot be read is 0 or empty.
ProcessStatus ParseProcessStatus(std::string_view text);

}  // namespace capmon
