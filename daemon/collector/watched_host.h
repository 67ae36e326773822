// SPDX-License-Identifier: Apache-2.0
// Which cgroup hierarchy of this host tells containers apart, and where it can be seen.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/collector/kernel_programs.h"

namespace capmon {

struct WatchedHost {
  CgroupHierarchy hierarchy;
  std::string cgroup_layout;  // "v2", "hybrid", "v1": for people
  std::string cgroup_mount;
};

// From mountinfo and /proc/cgroups below `proc`. `cgroup_root` replaces the mount found, unless it
// is empty. FAILED_PRECONDITION where no hierarchy is mounted.
absl::StatusOr<WatchedHost> FindWatchedHost(const std::string& proc,
                                            const std::string& cgroup_root);

}  // namespace capmon
