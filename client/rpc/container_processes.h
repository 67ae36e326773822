// SPDX-License-Identifier: Apache-2.0
// Finds the processes of a reference to a process or container.
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
  std::vector<pid_t> pids;                 // ascending; may be empty for a container
  uint64_t beyond = 0;                     // processes beyond kMaxProcesses
};

// "1234", "pid:1234" and "self" (capmon itself) name one process. Nothing for anything else;
// INVALID_ARGUMENT for a number that no process can have.
absl::StatusOr<std::optional<pid_t>> ParsePid(std::string_view reference);

// Finds a process, or all processes of a container. Queries capmond for the container's cgroup,
// unless the reference is "cgroup:/PATH".
absl::StatusOr<Target> FindTarget(const std::string& reference, const Settings& settings);

}  // namespace capmon
