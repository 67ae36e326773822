// SPDX-License-Identifier: Apache-2.0
#include "client/host/cgroup_processes.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/host/watched_mount.h"

namespace capmon {
namespace {

// Returns the directory of a container's cgroup.
absl::StatusOr<std::string> CgroupDirectory(const std::string& path) {
  const auto mount = WatchedMount();
  if (!mount)
    return absl::InternalError(
        "cannot find the container's processes: no cgroup hierarchy is mounted");
  const std::string above = mount->root == "/" ? "" : mount->root;
  const bool visible = !path.empty() && (path == above || path.starts_with(above + "/"));
  std::error_code error;
  const std::string directory = mount->point + path.substr(visible ? above.size() : 0);
  // Rejects "..": a path must not lead out of the hierarchy.
  if (!visible || path.find("/..") != path.npos || !std::filesystem::is_directory(directory, error))
    return absl::NotFoundError(absl::StrCat(
        "cgroup \"", path, "\" is not visible from here; perhaps its processes have ended"));
  return directory;
}

}  // namespace

absl::StatusOr<CgroupProcesses> ProcessesOfCgroup(const std::string& path) {
  const auto directory = CgroupDirectory(path);
  if (!directory.ok()) return directory.status();
  CgroupProcesses result;
  WalkCgroups(*directory, [&](CgroupId, const std::string& below) {
    std::ifstream procs(*directory + below + "/cgroup.procs");
    // 0: in a pid namespace that is not visible from here.
    for (pid_t pid; procs >> pid;) {
      if (pid == 0) continue;
      if (result.pids.size() < kMaxProcesses)
        result.pids.push_back(pid);
      else
        ++result.beyond;
    }
  });
  std::ranges::sort(result.pids);
  return result;
}

}  // namespace capmon
