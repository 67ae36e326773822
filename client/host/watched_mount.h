// SPDX-License-Identifier: Apache-2.0
// The cgroup hierarchy by which capmond distinguishes containers, as mounted here: the one in
// which the paths it names are to be looked up.
#pragma once

#include <optional>

#include "common/file_text.h"
#include "daemon/attribution/cgroup_mounts.h"

namespace capmon {

// Nothing where none is mounted.
inline std::optional<CgroupMount> WatchedMount() {
  const auto watched = HierarchyToWatch(ParseCgroupMounts(TextOf("/proc/self/mountinfo")));
  return watched ? std::optional(watched->mount) : std::nullopt;
}

}  // namespace capmon
