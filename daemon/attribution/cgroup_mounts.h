// SPDX-License-Identifier: Apache-2.0
// Where the cgroup hierarchies are mounted, and the way between a cgroup's id and its directory.
// ParseCgroupMounts is pure; the rest reads the file system it is pointed at.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

struct CgroupMount {
  std::string point;  // the directory it is mounted on
  std::string root;   // the part of the hierarchy seen there; "/" is all of it
};

struct CgroupMounts {
  std::string layout;                  // "v2", "hybrid", "v1"; empty: nothing mounted
  std::optional<CgroupMount> unified;  // cgroup2; here and below the mount that shows most
  std::map<std::string, CgroupMount> controllers;  // v1: "memory", also "name=systemd"
};

// Reads the text of /proc/PID/mountinfo. Lines it cannot read are passed over.
CgroupMounts ParseCgroupMounts(std::string_view mountinfo);

// The hierarchies by which containers can be distinguished, best first; "" is v2. Where v1
// controllers are mounted every runtime puts its containers there, and only some also use a v2 tree
// beside them. systemd puts each unit into "pids"; into "memory" only where that is accounted for.
inline constexpr const char* kHierarchiesBestFirst[] = {"pids", "memory", ""};

struct WatchedHierarchy {
  CgroupMount mount;
  std::string v1_controller;  // empty: v2
};
std::optional<WatchedHierarchy> HierarchyToWatch(const CgroupMounts& mounts);

// The inode number of a cgroup's directory is its id.
absl::StatusOr<CgroupId> CgroupIdOfPath(const std::string& directory);

// The path below the mount point ("/docker/<id>", "/" for the root), asked of the kernel by file
// handle. `mount_fd` is a readable directory of the mount (its mount point). NOT_FOUND: the cgroup
// is gone. OUT_OF_RANGE: the mount does not show it. PERMISSION_DENIED: without
// CAP_DAC_READ_SEARCH.
absl::StatusOr<std::string> PathOfCgroupId(int mount_fd, CgroupId id);

struct CgroupWalk {
  size_t seen = 0;
  size_t skipped = 0;  // beyond kMaxWalkedCgroups, or too deep to be opened by path
};
inline constexpr size_t kMaxWalkedCgroups = 1 << 18;

// Calls back for every cgroup, parents first, the mount point itself as "/". Cgroups that vanish
// meanwhile are passed over.
CgroupWalk WalkCgroups(const std::string& mount_point,
                       const std::function<void(CgroupId, const std::string& path)>& found);

}  // namespace capmon
