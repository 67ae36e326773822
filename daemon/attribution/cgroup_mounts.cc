// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cgroup_mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/mount_table.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

// The mount's options are the hierarchy's controllers among flags like "rw" and "xattr".
bool IsHierarchyName(const std::string& option) {
  static constexpr std::string_view kFlags[] = {
      "rw",     "ro",           "xattr", "noprefix", "clone_children", "all",
      "noexec", "favordynmods", "none",  "relatime", "seclabel",
  };
  const bool setting = option.find('=') != option.npos && !option.starts_with("name=");
  return !setting && std::ranges::find(kFlags, option) == std::end(kFlags);
}

std::vector<std::string> Words(const std::string& text, char separator) {
  return absl::StrSplit(text, separator);
}

std::optional<std::string> LinkTarget(int fd) {
  std::array<char, PATH_MAX> target;
  const std::string link = absl::StrCat("/proc/self/fd/", fd);
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  if (length <= 0 || static_cast<size_t>(length) == target.size()) return std::nullopt;
  return std::string(target.data(), static_cast<size_t>(length));
}

// A file_handle with room for kernfs.
struct KernfsHandle {
  unsigned int bytes = sizeof(CgroupId);
  int type = 0xfe;  // FILEID_KERNFS
  CgroupId id = 0;
};
static_assert(offsetof(KernfsHandle, id) == offsetof(file_handle, f_handle));

// How far above the reader's cgroup namespace a root is: 2 for "/../..".
size_t LevelsAbove(std::string_view root) {
  constexpr std::string_view kUp = "/..";
  size_t levels = 0;
  for (; root.starts_with(kUp); root.remove_prefix(kUp.size())) ++levels;
  return levels;
}

// A container sees a part of a hierarchy; the host's mount shows all of it. In a cgroup namespace
// of its own, a container's part is "/", and the root of the host's mount is "/../..".
bool ShowsMore(const CgroupMount& a, const CgroupMount& b) {
  const size_t above_a = LevelsAbove(a.root), above_b = LevelsAbove(b.root);
  if (above_a != above_b) return above_a > above_b;
  return a.root.size() < b.root.size();  // "/" and "/../.." are the shortest with so many levels
}

}  // namespace

CgroupMounts ParseCgroupMounts(std::string_view mountinfo) {
  CgroupMounts mounts;
  bool has_controllers = false;
  for (const std::string& line : Words(std::string(mountinfo), '\n')) {
    const std::vector<std::string> halves = absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    if (halves.size() != 2) continue;
    const std::vector<std::string> mount = Words(halves[0], ' ');
    const std::vector<std::string> fs = Words(halves[1], ' ');
    if (mount.size() < 6 || fs.size() < 3 || mount[4].empty()) continue;
    const CgroupMount here{UnescapeMountField(mount[4]), UnescapeMountField(mount[3])};
    if (fs[0] == "cgroup2") {
      if (!mounts.unified || ShowsMore(here, *mounts.unified)) mounts.unified = here;
    } else if (fs[0] == "cgroup") {
      for (const std::string& option : Words(fs[2], ',')) {
        if (option.empty() || !IsHierarchyName(option)) continue;
        CgroupMount& best = mounts.controllers.try_emplace(option, here).first->second;
        if (ShowsMore(here, best)) best = here;
        has_controllers = has_controllers || !option.starts_with("name=");
      }
    }
  }
  if (mounts.unified)
    mounts.layout = has_controllers ? "hybrid" : "v2";
  else if (!mounts.controllers.empty())
    mounts.layout = "v1";
  return mounts;
}

std::optional<WatchedHierarchy> HierarchyToWatch(const CgroupMounts& mounts) {
  for (const std::string controller : kHierarchiesBestFirst) {
    if (controller.empty() && mounts.unified) return WatchedHierarchy{*mounts.unified, ""};
    const auto mount = mounts.controllers.find(controller);
    if (mount != mounts.controllers.end()) return WatchedHierarchy{mount->second, controller};
  }
  return std::nullopt;
}

absl::StatusOr<CgroupId> CgroupIdOfPath(const std::string& directory) {
  struct stat found;
  if (::stat(directory.c_str(), &found) != 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("look up cgroup ", directory));
  return found.st_ino;
}

absl::StatusOr<std::string> PathOfCgroupId(int mount_fd, CgroupId id) {
  const std::string what = absl::StrCat("look up the path of cgroup ", id);
  const std::optional<std::string> mount_point = LinkTarget(mount_fd);
  if (!mount_point) return absl::FailedPreconditionError(what + ": no cgroup mount");
  KernfsHandle handle{.id = id};
  // The kernel writes no more than handle_bytes; the two structs agree (asserted above).
  const UniqueFd cgroup(
      ::open_by_handle_at(mount_fd, reinterpret_cast<file_handle*>(&handle), O_PATH | O_CLOEXEC));
  if (!cgroup) return absl::ErrnoToStatus(errno == ESTALE ? ENOENT : errno, what);
  const std::optional<std::string> path = LinkTarget(cgroup.get());
  if (!path) return absl::OutOfRangeError(what + ": it is too long");
  if (*path == *mount_point) return "/";
  const std::string below = *mount_point == "/" ? "" : *mount_point;
  if (!path->starts_with(below + "/"))
    return absl::OutOfRangeError(what + ": it is outside of what is mounted");
  struct stat linked;
  // The cgroup was removed between open and reading its name: the kernel then adds " (deleted)".
  if (::stat(path->c_str(), &linked) != 0 || linked.st_ino != id)
    return absl::NotFoundError(what + ": it is gone");
  return path->substr(below.size());
}

CgroupWalk WalkCgroups(const std::string& mount_point,
                       const std::function<void(CgroupId, const std::string& path)>& found) {
  namespace fs = std::filesystem;
  CgroupWalk walk;
  std::vector<std::string> pending = {""};
  while (!pending.empty()) {
    const std::string path = std::move(pending.back());
    pending.pop_back();
    if (mount_point.size() + path.size() >= PATH_MAX) {
      ++walk.skipped;
      continue;
    }
    const auto id = CgroupIdOfPath(mount_point + path);
    if (!id.ok()) continue;
    found(*id, path.empty() ? "/" : path);
    ++walk.seen;
    std::error_code error;
    for (fs::directory_iterator entry(mount_point + path, error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code unreadable;
      if (entry->is_symlink(unreadable) || !entry->is_directory(unreadable)) continue;
      if (walk.seen + pending.size() < kMaxWalkedCgroups)
        pending.push_back(path + "/" + entry->path().filename().string());
      else
        ++walk.skipped;
    }
  }
  return walk;
}

}  // namespace capmon
