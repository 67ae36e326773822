// SPDX-License-Identifier: Apache-2.0
#include "client/host/file_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr uint64_t kTickEvery = 1024;

// Returns the name of a file system that has no programs, such as proc; these can be very large.
const char* UninterestingFileSystem(int fd) {
  static constexpr struct {
    unsigned long magic;
    const char* name;
  } kNames[] = {
      {PROC_SUPER_MAGIC, "proc"},
      {SYSFS_MAGIC, "sysfs"},
      {CGROUP_SUPER_MAGIC, "cgroup"},
      {CGROUP2_SUPER_MAGIC, "cgroup2"},
      {DEBUGFS_MAGIC, "debugfs"},
      {TRACEFS_MAGIC, "tracefs"},
      {SECURITYFS_MAGIC, "securityfs"},
      {BPF_FS_MAGIC, "bpf"},
      {DEVPTS_SUPER_MAGIC, "devpts"},
      {PSTOREFS_MAGIC, "pstore"},
      {EFIVARFS_MAGIC, "efivarfs"},
      {SELINUX_MAGIC, "selinuxfs"},
      {BINFMTFS_MAGIC, "binfmt_misc"},
      {0x19800202 /* mqueue */, "mqueue"},
      {0x62656570 /* configfs */, "configfs"},
      {0x65735543 /* fusectl */, "fusectl"},
  };
  struct statfs found = {};
  if (::fstatfs(fd, &found) != 0) return nullptr;
  for (const auto& [magic, name] : kNames)
    if (static_cast<unsigned long>(found.f_type) == magic) return name;
  return nullptr;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

class Walker {
 public:
  Walker(int root, const WalkLimits& limits, const std::function<void(const FileFound&)>& found,
         const std::function<void(uint64_t)>& tick)
      : root_(root), limits_(limits), found_(found), tick_(tick) {}

  WalkResult Run() {
    struct statx status = {};
    if (::statx(root_, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, kWanted, &status) == 0)
      mount_ = status.stx_mnt_id;
    pending_ = {{std::make_shared<const std::string>(), "", 0}};
    while (!pending_.empty() && result_.complete) {
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      Enter(next);
    }
    if (!result_.complete) result_.skipped["directories not reached"] += pending_.size();
    return std::move(result_);
  }

 private:
  // Siblings share the path above them, so that a deep and wide tree needs little memory.
  struct Pending {
    std::shared_ptr<const std::string> above;  // below the root, like "/usr"; "" is the root
    std::string name;                          // "" for the root itself
    dev_t device;                              // file system of the directory it is in
  };

  // Opens from the root each time, so that a tree of any depth needs one descriptor.
  UniqueFd Open(const std::string& path) const {
    open_how how = {};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const char* const relative = path.empty() ? "." : path.c_str() + 1;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root_, relative, &how, sizeof(how))));
  }

  void Skip(int error) {
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) return;  // changed meanwhile
    const bool deep = error == ENAMETOOLONG;
    ++result_.skipped[deep                                ? "directories too deep to be named"
                      : error == EACCES || error == EPERM ? "directories without permission to read"
                                                          : "directories that cannot be read"];
  }

  void Enter(const Pending& next) {
    const auto path = std::make_shared<const std::string>(
        next.name.empty() ? "" : absl::StrCat(*next.above, "/", next.name));
    UniqueFd fd = Open(*path);
    struct stat self = {};
    if (!fd || ::fstat(fd.get(), &self) != 0) return Skip(errno);
    if (self.st_dev != next.device) {
      if (const char* name = UninterestingFileSystem(fd.get())) {
        ++result_.skipped[std::string("file systems: ") + name];
        return;
      }
    }
    const Directory directory(::fdopendir(fd.get()));
    if (!directory) return Skip(errno);
    (void)fd.Release();  // the directory stream owns it now
    errno = 0;
    while (const dirent* entry = ::readdir(directory.get())) {
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
      if (!Visit(::dirfd(directory.get()), path, entry->d_name, self.st_dev)) return;
      errno = 0;
    }
    if (errno != 0) Skip(errno);
  }

  // Returns false if a limit was reached.
  bool Visit(int directory, const std::shared_ptr<const std::string>& above,
             const std::string& name, dev_t device) {
    const uint64_t count = result_.examined + 1;
    if (count % kTickEvery == 0 && tick_) tick_(count);
    const bool late =
        count % kTickEvery == 0 && std::chrono::steady_clock::now() > limits_.deadline;
    if (count > limits_.max_files || late) return result_.complete = false;
    result_.examined = count;
    struct statx status = {};
    constexpr int kFlags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
    if (::statx(directory, name.c_str(), kFlags, kWanted, &status) != 0) {
      if (errno != ENOENT) ++result_.skipped["files that may not be examined"];
      return true;
    }
    if (const Mount* const mount = Foreign(status); mount && MayNeverAnswer(mount->type)) {
      ++result_.skipped["file systems: " + mount->type];
      return true;
    }
    if (S_ISDIR(status.stx_mode))
      pending_.push_back({above, name, device});
    else if (S_ISREG(status.stx_mode))
      found_({directory,
              name,
              absl::StrCat(*above, "/", name),
              {status.stx_mode, status.stx_uid, status.stx_gid}});
    return true;
  }

  // Returns the mount of a file if it is not the root's; null also if it is not known. Reads it
  // from the kernel, so no file system has to answer.
  const Mount* Foreign(const struct statx& status) const {
    if ((status.stx_mask & STATX_MNT_ID) == 0 || status.stx_mnt_id == mount_) return nullptr;
    return limits_.mounts.Find(static_cast<int>(status.stx_mnt_id));
  }

  static constexpr unsigned kWanted =
      STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_MNT_ID;

  const int root_;
  const WalkLimits& limits_;
  const std::function<void(const FileFound&)>& found_;
  const std::function<void(uint64_t)>& tick_;
  uint64_t mount_ = 0;  // of the root
  std::vector<Pending> pending_;
  WalkResult result_;
};

}  // namespace

WalkResult WalkFiles(int root, const WalkLimits& limits,
                     const std::function<void(const FileFound&)>& found,
                     const std::function<void(uint64_t)>& tick) {
  return Walker(root, limits, found, tick).Run();
}

}  // namespace capmon
