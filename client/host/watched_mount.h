// SPDX-License-Identifier: Apache-2.0
// The mount of the cgroup hierarchy that capmond watches; paths from capmond are below it.
#pragma once

#include <optional>

#include "common/file_text.h"
#include "daemon/attribution/cgroup_mounts.h"

namespace capmon {

// Nothing if it is not mounted.
inline std::optional<CgroupMount> WatchedMount() {
  const auto watched = HierarchyToWatch(ParseCgroupMounts(TextOf("/proc/self/mountinfo")));
  return watched ? std::optional(watched->mount) : std::nullopt;
}

}  // namespace capmon
