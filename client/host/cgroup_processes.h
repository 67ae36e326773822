// SPDX-License-Identifier: Apache-2.0
// The processes of a cgroup, as numbered where capmon runs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

struct CgroupProcesses {
  std::vector<pid_t> pids;  // ascending
  uint64_t beyond = 0;      // more than kMaxProcesses
};
inline constexpr size_t kMaxProcesses = 16384;

// Of the cgroup capmond knows by this path ("/docker/..."), and of those below it. NOT_FOUND when
// it is gone or cannot be seen from here.
absl::StatusOr<CgroupProcesses> ProcessesOfCgroup(const std::string& path);

}  // namespace capmon
