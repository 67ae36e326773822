// SPDX-License-Identifier: Apache-2.0
// The mounts of cgroup hierarchies, and the mapping between a cgroup's id and its directory.
// ParseCgroupMounts is pure; the rest reads the given file system.
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
  std::optional<CgroupMount> unified;  // cgroup2; of several mounts the one that shows most
  std::map<std::string, CgroupMount> controllers;  // v1: "memory", also "name=systemd"
};

// Parses the text of /proc/PID/mountinfo; skips lines that it cannot read.
CgroupMounts ParseCgroupMounts(std::string_view mountinfo);

// The hierarchies that distinguish containers, best first; "" is v2. Where v1 controllers are
// mounted, every runtime puts its containers there, and only some also use a v2 tree. systemd puts
// each unit into "pids", but into "memory" only with memory accounting.
inline constexpr const char* kHierarchiesBestFirst[] = {"pids", "memory", ""};

struct WatchedHierarchy {
  CgroupMount mount;
  std::string v1_controller;  // empty: v2
};
std::optional<WatchedHierarchy> HierarchyToWatch(const CgroupMounts& mounts);

// Returns the id of a cgroup: the inode number of its directory.
absl::StatusOr<CgroupId> CgroupIdOfPath(const std::string& directory);

// Returns the path below the mount point ("/docker/<id>", "/" for the root), from the kernel by
// file handle. `mount_fd`: the open mount point. NOT_FOUND: the cgroup is gone. OUT_OF_RANGE: the
// mount does not show it. PERMISSION_DENIED: without CAP_DAC_READ_SEARCH.
absl::StatusOr<std::string> PathOfCgroupId(int mount_fd, CgroupId id);

struct CgroupWalk {
  size_t seen = 0;
  size_t skipped = 0;  // beyond kMaxWalkedCgroups, or too deep to open by path
};
inline constexpr size_t kMaxWalkedCgroups = 1 << 18;

// Calls back for every cgroup, parents first; the mount point itself is "/". Skips cgroups that
// vanish meanwhile.
CgroupWalk WalkCgroups(const std::string& mount_point,
                       const std::function<void(CgroupId, const std::string& path)>& found);

}  // namespace capmon
