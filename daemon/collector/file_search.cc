// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/file_search.h"

#include <endian.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "daemon/collector/file_status.h"

namespace capmon {
namespace {

// The user outside that is 0 in the process's user namespace; 0 when that is not known.
uint32_t RootOf(const std::string& process) {
  std::ifstream map(process + "/uid_map");
  for (uint64_t inside = 0, outside = 0, count = 0; map >> inside >> outside >> count;)
    if (inside == 0) return static_cast<uint32_t>(outside);
  return 0;
}

// The third version counts only in the user namespace of one user.
FileAnswer ReadAttribute(const UniqueFd& fd, const std::string& process) {
  const FileAnswer kCarriesNothing{.known = true, .permitted = {}, .effective = false, .ids = {}};
  vfs_ns_cap_data raw = {};
  const ssize_t size = ::getxattr(PathOf(fd).c_str(), "security.capability", &raw, sizeof(raw));
  if (size < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) return kCarriesNothing;
  if (size < static_cast<ssize_t>(XATTR_CAPS_SZ_1)) return {};
  const uint32_t magic = le32toh(raw.magic_etc);
  const bool wide = size >= static_cast<ssize_t>(XATTR_CAPS_SZ_2);
  if (size >= static_cast<ssize_t>(XATTR_CAPS_SZ_3)) {
    const uint32_t owner = le32toh(raw.rootid);
    const uint32_t root = RootOf(process);
    if (owner != 0 && root != 0 && owner != root) return kCarriesNothing;
  }
  const uint64_t low = le32toh(raw.data[0].permitted);
  const uint64_t high = wide ? le32toh(raw.data[1].permitted) : 0;
  return {true, CapabilitySet(low | high << 32), (magic & VFS_CAP_FLAGS_EFFECTIVE) != 0, {}};
}

// The file was given or lost its capabilities after the exec, or is another one that got the number
// of a removed one.
bool ChangedSince(const UniqueFd& file, TimeNs time) {
  const auto status = StatusOf(file);
  if (time == 0 || !status) return false;
  return status->stx_ctime.tv_sec * kSecond + status->stx_ctime.tv_nsec > time;
}

// The parts of a path, the first one last.
std::vector<std::string> StepsOf(const std::string& path) {
  std::vector<std::string> steps;
  std::istringstream text(path);
  for (std::string step; std::getline(text, step, '/');)
    if (!step.empty() && step != ".") steps.push_back(step);
  std::ranges::reverse(steps);
  return steps;
}

// Of a symbolic link; "" when it cannot be read.
std::string TargetOf(const UniqueFd& link) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
  target.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return target;
}

// One question about a file.
class Search {
 public:
  Search(const std::string& proc, const FileQuestion& question, const KeptRoot& kept)
      : question_(question), kept_(kept), process_(fmt::format("{}/{}", proc, question.pid)) {
    if (question.first_pid != 0) first_ = fmt::format("{}/{}", proc, question.first_pid);
    mounts_.emplace_back(TextOf(process_ + "/mountinfo"));
    if (!first_.empty()) mounts_.emplace_back(TextOf(first_ + "/mountinfo"));
    mounts_.emplace_back(TextOf("/proc/self/mountinfo"));
  }

  FileAnswer Run() {
    if (question_.exe != 0)
      if (const UniqueFd file = Open(process_ + "/exe", O_PATH); IsWanted(file))
        if (LooksAt(file, /*executed_there=*/true)) return answer_;
    if (!LooksAtPath()) LooksAtMounts();
    return answer_;
  }

 private:
  static constexpr int kFolder = O_PATH | O_DIRECTORY;
  static constexpr int kMaxLinks = 40;

  // The path as given to execve.
  bool LooksAtPath() {
    if (!question_.path.starts_with("/")) return LooksIn(Open(process_ + "/cwd", kFolder));
    if (LooksIn(Open(process_ + "/root", kFolder))) return true;
    if (!first_.empty() && LooksIn(Open(first_ + "/root", kFolder))) return true;
    if (!question_.root.empty() && LooksIn(Open(question_.root, kFolder))) return true;
    return LooksIn(kept_.directory);
  }

  // A program that ran in another root than the container's, such as a chroot: its path leads
  // nowhere or to another file, but the file system it is on may be mounted where it can be seen.
  bool LooksAtMounts() {
    if (question_.device == 0 || question_.exe == 0) return false;
    if (LooksThrough(mounts_.front(), Open(process_ + "/root", kFolder))) return true;
    if (!first_.empty() && LooksThrough(mounts_[1], Open(first_ + "/root", kFolder))) return true;
    if (kept_.mount && LooksThrough(*kept_.mount, kept_.directory)) return true;
    return LooksThrough(mounts_.back(), Open("/", kFolder));
  }

  bool LooksThrough(const MountTable& table, const UniqueFd& root) {
    return root && std::ranges::any_of(table.mounts(), [&](const Mount& mount) {
             return LooksThrough(mount, root);
           });
  }

  // The program was not executed through this mount, so whether this one is nosuid says nothing.
  // The kernel's own path to a file has no links in it.
  bool LooksThrough(const Mount& mount, const UniqueFd& root) {
    if (mount.device != question_.device || mount.nosuid || MayNeverAnswer(mount.type))
      return false;
    const std::string path = PathThrough(mount, question_.path_on_device);
    if (path.empty()) return false;
    const UniqueFd file = OpenInside(root, path, 0);
    const Mount* const found = Find(file);
    return found != nullptr && !found->nosuid && IsWanted(file) && LooksAt(file);
  }

  // Inode numbers are unique only within a file system.
  bool IsWanted(const UniqueFd& file) const {
    if (!IsFile(file, question_.exe)) return false;
    const Mount* const mount = question_.device == 0 ? nullptr : Find(file);
    return mount == nullptr || mount->device == question_.device;
  }

  // The mount a file is on; null when no process that is known sees it.
  const Mount* Find(const UniqueFd& fd) const {
    const int id = MountOf(fd);
    for (const MountTable& table : mounts_)
      if (const Mount* const mount = table.Find(id)) return mount;
    return kept_.mount && kept_.mount_id == id ? &*kept_.mount : nullptr;
  }

  bool MayRead(const UniqueFd& fd) const {
    const Mount* const mount = Find(fd);
    // Links of proc lead elsewhere than their text says.
    return mount != nullptr && !MayNeverAnswer(mount->type) && mount->type != "proc";
  }

  // True: the search is over. What the program was not executed through may be nosuid without
  // meaning that the file's capabilities did not count.
  bool LooksAt(const UniqueFd& file, bool executed_there = false) {
    const Mount* const mount = Find(file);
    if (mount == nullptr && IsInMemory(file)) {
      answer_.known = true;
    } else if (mount != nullptr && mount->nosuid && executed_there) {
      answer_.known = true;
    } else if (mount != nullptr && MayNeverAnswer(mount->type)) {
      return true;
    } else if (mount != nullptr && !ChangedSince(file, question_.time)) {
      answer_ = ReadAttribute(file, process_);
    }
    return answer_.known;
  }

  bool LooksIn(const UniqueFd& folder) {
    if (!folder) return false;
    if (const Mount* mount = Find(folder); mount && MayNeverAnswer(mount->type)) return true;
    const UniqueFd file = OpenProgram(folder);
    return file && LooksAt(file);
  }

  // A path as the container sees it: no link leads out of the root. Goes step by step, and on only
  // where the file system is known to answer: a step is a question to the one it begins in.
  UniqueFd OpenInside(const UniqueFd& root, const std::string& path, int max_links) const {
    constexpr int kStep = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    std::vector<UniqueFd> way;  // below the root
    std::vector<std::string> steps = StepsOf(path);
    for (int links = 0; !steps.empty();) {
      const std::string step = std::move(steps.back());
      steps.pop_back();
      if (step == "..") {
        if (!way.empty()) way.pop_back();
        continue;
      }
      const UniqueFd& from = way.empty() ? root : way.back();
      if (!MayRead(from)) return UniqueFd();
      UniqueFd next(::openat(from.get(), step.c_str(), kStep));
      const auto status = StatusOf(next);
      if (!status) return UniqueFd();
      if (!S_ISLNK(status->stx_mode)) {
        way.push_back(std::move(next));
        continue;
      }
      const std::string target = MayRead(next) ? TargetOf(next) : "";
      if (target.empty() || ++links > max_links) return UniqueFd();
      if (target.starts_with("/")) way.clear();
      for (std::string& further : StepsOf(target)) steps.push_back(std::move(further));
    }
    return way.empty() ? UniqueFd() : std::move(way.back());
  }

  // The program itself, or what runs it when it is a script.
  UniqueFd OpenProgram(const UniqueFd& root) const {
    std::string name = question_.path;
    for (int depth = 0; depth < 4 && !name.empty(); ++depth) {
      UniqueFd file = OpenInside(root, name, kMaxLinks);
      if (!IsFile(file, 0)) return UniqueFd();
      std::string interpreter = MayRead(file) ? InterpreterOf(file) : "";
      if (question_.exe != 0 ? IsWanted(file) : interpreter.empty()) return file;
      name = std::move(interpreter);
    }
    return UniqueFd();
  }

  // The interpreter that a script names in its first line; "" when it is none.
  static std::string InterpreterOf(const UniqueFd& file) {
    const UniqueFd readable = Open(PathOf(file), O_RDONLY | O_NONBLOCK);
    char head[256] = {};
    const ssize_t size = readable ? ::read(readable.get(), head, sizeof(head) - 1) : -1;
    if (size < 3 || head[0] != '#' || head[1] != '!') return "";
    std::string line(head + 2);
    line = line.substr(0, line.find('\n'));
    std::string interpreter;
    std::istringstream(line) >> interpreter;
    return interpreter;
  }

  const FileQuestion& question_;
  const KeptRoot& kept_;
  const std::string process_;
  std::string first_;               // "": not known
  std::vector<MountTable> mounts_;  // of the process, of the first one, capmond's own
  FileAnswer answer_;
};

}  // namespace

FileAnswer FindFile(const std::string& proc, const FileQuestion& question, const KeptRoot& kept) {
  return Search(proc, question, kept).Run();
}

}  // namespace capmon
