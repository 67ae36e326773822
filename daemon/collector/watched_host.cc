// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/watched_host.h"

#include <fstream>
#include <optional>

#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/base/regular_file.h"

namespace capmon {
namespace {

constexpr size_t kMaxMountInfo = 1 << 24;

// The number of a v1 hierarchy, from /proc/cgroups.
int HierarchyId(const std::string& proc, const std::string& controller) {
  std::ifstream file(proc + "/cgroups");
  std::string name;
  for (int id = 0; file >> name;) {
    std::string rest;
    if (name == controller && file >> id) return id;
    std::getline(file, rest);
  }
  return 0;
}

}  // namespace

absl::StatusOr<WatchedHost> FindWatchedHost(const std::string& proc,
                                            const std::string& cgroup_root) {
  const absl::StatusOr<std::string> mountinfo =
      ReadRegularFile(proc + "/self/mountinfo", kMaxMountInfo);
  if (!mountinfo.ok()) return mountinfo.status();
  const CgroupMounts mounts = ParseCgroupMounts(*mountinfo);
  const std::optional<WatchedHierarchy> watched = HierarchyToWatch(mounts);
  if (!watched)
    return absl::FailedPreconditionError(
        "no cgroup hierarchy is mounted: containers cannot be distinguished");
  WatchedHost host;
  host.cgroup_layout = mounts.layout;
  host.cgroup_mount = cgroup_root.empty() ? watched->mount.point : cgroup_root;
  if (!watched->v1_controller.empty())
    host.hierarchy = {HierarchyId(proc, watched->v1_controller), watched->v1_controller};
  return host;
}

}  // namespace capmon
