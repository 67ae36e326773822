// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/memory_limit.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/mount_table.h"

namespace capmon {
namespace {

struct MemoryHierarchy {
  const char *mount_type, *file;
  std::optional<std::string> cgroup;  // of the process
};

// Lines are like "9:memory:/path", and "0::/path" of v2.
std::vector<MemoryHierarchy> MemoryHierarchies(std::string_view cgroups) {
  MemoryHierarchy v1{"cgroup", "memory.limit_in_bytes", {}}, v2{"cgroup2", "memory.max", {}};
  const std::vector<std::string> lines = absl::StrSplit(std::string(cgroups), '\n');
  for (const std::string& line : lines) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    if (fields[0] == "0" && fields[1].empty()) v2.cgroup = fields[2];
    if (std::ranges::find(controllers, "memory") != controllers.end()) v1.cgroup = fields[2];
  }
  return {v1, v2};
}

// The cgroup's path below what is mounted; nothing where it is not below it.
std::optional<std::string> PathBelow(const std::string& root, const std::string& cgroup) {
  const std::string above = root == "/" ? "" : root;
  if (cgroup != above && !cgroup.starts_with(above + "/")) return std::nullopt;
  const std::string below = cgroup.substr(above.size());
  return below == "/" ? "" : below;
}

std::string WholeText(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<std::string> MemoryLimitFiles(std::string_view cgroups, std::string_view mountinfo) {
  std::vector<std::string> files;
  const MountTable table(mountinfo);
  for (const MemoryHierarchy& hierarchy : MemoryHierarchies(cgroups))
    for (const Mount& mount : table.mounts()) {
      // A hierarchy without the memory controller has no such file.
      if (mount.type != hierarchy.mount_type || !hierarchy.cgroup) continue;
      std::optional<std::string> below = PathBelow(mount.root, *hierarchy.cgroup);
      for (; below; below->erase(below->rfind('/'))) {
        files.push_back(absl::StrCat(mount.point, *below, "/", hierarchy.file));
        if (below->empty()) break;
      }
    }
  return files;
}

uint64_t LeastLimit(const std::vector<std::string>& files) {
  uint64_t least = UINT64_MAX;
  for (const std::string& path : files) {
    std::ifstream file(path);
    uint64_t limit = 0;
    if (file >> limit) least = std::min(least, limit);  // "max" is no number
  }
  return least;
}

uint64_t MemoryLimit() {
  return LeastLimit(
      MemoryLimitFiles(WholeText("/proc/self/cgroup"), WholeText("/proc/self/mountinfo")));
}

}  // namespace capmon
