// SPDX-License-Identifier: Apache-2.0
// The processes of a cgroup, numbered in capmon's pid namespace.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

struct CgroupProcesses {
  std::vector<pid_t> pids;  // ascending
  uint64_t beyond = 0;      // processes beyond kMaxProcesses
};
inline constexpr size_t kMaxProcesses = 16384;

// Returns the processes of the cgroup with this path in capmond's hierarchy ("/docker/..."), and of
// those below it. NOT_FOUND if it is gone or not visible from here.
absl::StatusOr<CgroupProcesses> ProcessesOfCgroup(const std::string& path);

}  // namespace capmon
