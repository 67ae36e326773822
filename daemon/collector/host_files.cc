// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/host_files.h"

#include <endian.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace capmon {
namespace {

UniqueFd Open(const std::string& path, int flags) {
  return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC));
}

std::string PathOf(const UniqueFd& fd) { return fmt::format("/proc/self/fd/{}", fd.get()); }

// What the kernel knows of the file without its file system being asked.
std::optional<struct statx> StatusOf(const UniqueFd& fd) {
  struct statx status = {};
  if (!fd || ::statx(fd.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO,
                     &status) != 0)
    return std::nullopt;
  return status;
}

bool IsFile(const UniqueFd& fd, uint32_t exe) {
  const auto status = StatusOf(fd);
  return status && S_ISREG(status->stx_mode) &&
         (exe == 0 || static_cast<uint32_t>(status->stx_ino) == exe);
}

// A file in memory, which no process sees mounted.
bool IsInMemory(const UniqueFd& fd) {
  static const UniqueFd sample(::memfd_create("capmon", MFD_CLOEXEC));
  const auto a = StatusOf(fd), b = StatusOf(sample);
  return a && b && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

// As of a runtime's process that has not entered the container yet.
bool IsOurRoot(const UniqueFd& folder) {
  const auto a = StatusOf(folder), b = StatusOf(Open("/", O_PATH | O_DIRECTORY));
  return a && b && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor &&
         a->stx_ino == b->stx_ino;
}

// -1 when not known. statfs(2) would wait for the file system.
int MountOf(const UniqueFd& fd) {
  std::ifstream info(fmt::format("/proc/self/fdinfo/{}", fd.get()));
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("mnt_id:")) return std::atoi(line.c_str() + 7);
  return -1;
}

std::string TextOf(const std::string& path) {
  constexpr size_t kMaxText = 4 << 20;  // more is cut off: what is not in it is not read
  std::ifstream file(path);
  std::string text(kMaxText, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

// The user outside that is 0 in the process's user namespace; 0 when that is not known.
uint32_t RootOf(const std::string& process) {
  std::ifstream map(process + "/uid_map");
  for (uint64_t inside = 0, outside = 0, count = 0; map >> inside >> outside >> count;)
    if (inside == 0) return static_cast<uint32_t>(outside);
  return 0;
}

// As a process of the initial user namespace sees it.
IdMap ReadUserMap(const std::string& process) {
  IdMap ids;
  std::ifstream map(process + "/uid_map");
  constexpr size_t kMaxLines = 340;
  for (IdRange range;
       ids.size() < kMaxLines && map >> range.inside >> range.outside >> range.count;)
    ids.push_back(range);
  return ids;
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
  // `kept`: the container's root file system as it was found before.
  Search(const std::string& proc, const FileQuestion& question, const KeptRoot& kept)
      : question_(question), kept_(kept), process_(fmt::format("{}/{}", proc, question.pid)) {
    if (question.first_pid != 0) first_ = fmt::format("{}/{}", proc, question.first_pid);
    mounts_.emplace_back(TextOf(process_ + "/mountinfo"));
    if (!first_.empty()) mounts_.emplace_back(TextOf(first_ + "/mountinfo"));
    mounts_.emplace_back(TextOf("/proc/self/mountinfo"));
  }

  FileAnswer Run() {
    if (question_.exe != 0)
      if (const UniqueFd file = Open(process_ + "/exe", O_PATH); IsFile(file, question_.exe))
        if (LooksAt(file)) return answer_;
    constexpr int kFolder = O_PATH | O_DIRECTORY;
    if (!question_.path.starts_with("/")) {
      LooksIn(Open(process_ + "/cwd", kFolder));
      return answer_;
    }
    if (LooksIn(Open(process_ + "/root", kFolder))) return answer_;
    if (!first_.empty() && LooksIn(Open(first_ + "/root", kFolder))) return answer_;
    if (!question_.root.empty() && LooksIn(Open(question_.root, kFolder))) return answer_;
    LooksIn(kept_.directory);
    return answer_;
  }

 private:
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

  // True: the search is over.
  bool LooksAt(const UniqueFd& file) {
    const Mount* const mount = Find(file);
    if (mount == nullptr && IsInMemory(file)) {
      answer_.known = true;
    } else if (mount != nullptr && mount->nosuid) {
      answer_.known = true;
    } else if (mount != nullptr && MayNeverAnswer(mount->type)) {
      return true;
    } else if (mount != nullptr) {
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
  UniqueFd OpenInside(const UniqueFd& root, const std::string& path) const {
    constexpr int kStep = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    constexpr int kMaxLinks = 40;
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
      if (target.empty() || ++links > kMaxLinks) return UniqueFd();
      if (target.starts_with("/")) way.clear();
      for (std::string& further : StepsOf(target)) steps.push_back(std::move(further));
    }
    return way.empty() ? UniqueFd() : std::move(way.back());
  }

  // The program itself, or what runs it when it is a script.
  UniqueFd OpenProgram(const UniqueFd& root) const {
    std::string name = question_.path;
    for (int depth = 0; depth < 4 && !name.empty(); ++depth) {
      UniqueFd file = OpenInside(root, name);
      if (!IsFile(file, 0)) return UniqueFd();
      std::string interpreter = MayRead(file) ? InterpreterOf(file) : "";
      if (question_.exe != 0 ? IsFile(file, question_.exe) : interpreter.empty()) return file;
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

FileAnswer HostFiles::Answer(const FileQuestion& question) {
  switch (question.kind) {
    case FileQuestion::Kind::kFile: return Search(proc_, question, RootFor(question)).Run();
    case FileQuestion::Kind::kUserMap:
      return {.known = true,
              .permitted = {},
              .effective = false,
              .ids = ReadUserMap(fmt::format("{}/{}", proc_, question.pid))};
    case FileQuestion::Kind::kRoot: RootFor(question); return {};
    case FileQuestion::Kind::kForget: roots_.erase(question.cgroup); return {};
    case FileQuestion::Kind::kNothing: return {};
  }
  return {};
}

const KeptRoot& HostFiles::RootFor(const FileQuestion& question) {
  static const KeptRoot kNone;
  if (question.kind == FileQuestion::Kind::kFile && question.exe == 0) return kNone;
  if (!roots_.contains(question.cgroup) && roots_.size() >= kMaxRoots) roots_.clear();
  KeptRoot& root = roots_[question.cgroup];
  for (const uint32_t pid : {question.pid, question.first_pid}) {
    if (root.directory || pid == 0) continue;
    const std::string process = fmt::format("{}/{}", proc_, pid);
    UniqueFd found = Open(process + "/root", O_PATH | O_DIRECTORY);
    if (!found || IsOurRoot(found)) continue;
    root.directory = std::move(found);
    root.mount_id = MountOf(root.directory);
    const MountTable mounts(TextOf(process + "/mountinfo"));
    if (const Mount* const mount = mounts.Find(root.mount_id)) root.mount = *mount;
  }
  return root;
}

}  // namespace capmon
