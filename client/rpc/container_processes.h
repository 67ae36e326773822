// SPDX-License-Identifier: Apache-2.0
// From what people call a process or a container to process numbers.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

struct Target {
  std::string name;                        // "process 1234", or the container's
  std::optional<v1::Container> container;  // from capmond; unset for a process
  std::vector<pid_t> pids;                 // ascending; of a container it may be empty
  uint64_t beyond = 0;                     // processes more than kMaxProcesses
};

// "1234", "pid:1234" and "self" (capmon itself) are one process. Nothing for anything else;
// INVALID_ARGUMENT for a number no process can have.
absl::StatusOr<std::optional<pid_t>> ParsePid(std::string_view reference);

// A process, or a container with all its processes. Asks capmond for a container's cgroup, unless
// it is written as "cgroup:/PATH".
absl::StatusOr<Target> FindTarget(const std::string& reference, const Settings& settings);

}  // namespace capmon
