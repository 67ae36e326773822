// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/socket_claim.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/address.h"

namespace capmon {
namespace {

absl::Status Failed(const std::string& attempt, int error) {
  return absl::ErrnoToStatus(error, attempt);
}

absl::Status MakeDirectory(const std::string& directory, std::optional<gid_t> group) {
  if (::mkdir(directory.c_str(), kRunDirectoryMode) == 0) {
    // Sets the mode regardless of the umask, so that the group can reach the socket.
    if (::chmod(directory.c_str(), kRunDirectoryMode) != 0 ||
        (group && ::chown(directory.c_str(), -1, *group) != 0))
      return Failed(absl::StrCat("set the permissions of ", directory), errno);
    return absl::OkStatus();
  }
  const int error = errno;
  struct stat found = {};
  if (error == EEXIST && ::stat(directory.c_str(), &found) == 0 && S_ISDIR(found.st_mode))
    return absl::OkStatus();
  if (error == EEXIST || error == ENOTDIR)
    return absl::InvalidArgumentError(
        absl::StrCat("cannot serve in ", directory, ": it is not a directory"));
  if (error == ENOENT)
    return absl::InvalidArgumentError(
        absl::StrCat("cannot make the directory ", directory, ": its parent does not exist"));
  return Failed(absl::StrCat("make the directory ", directory), error);
}

bool IsSameFile(int fd, const std::string& path) {
  struct stat opened = {}, named = {};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

absl::StatusOr<UniqueFd> Lock(const std::string& path, const std::string& lock_path) {
  while (true) {
    UniqueFd fd(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return Failed(absl::StrCat("open the lock file ", lock_path), errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK)
        return absl::FailedPreconditionError(absl::StrCat(
            "another capmond is already serving ", path, "; stop it or choose another --address"));
      return Failed(absl::StrCat("lock ", lock_path), errno);
    }
    // The previous owner may have removed the file between open and lock.
    if (IsSameFile(fd.get(), lock_path)) return fd;
  }
}

absl::Status RemoveStale(const std::string& path) {
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return Failed(absl::StrCat("look at ", path), errno);
  }
  if (!S_ISSOCK(found.st_mode))
    return absl::InvalidArgumentError(
        absl::StrCat("cannot serve at ", path, ": ",
                     S_ISDIR(found.st_mode) ? "it is a directory" : "it is not a socket",
                     "; choose another --address"));
  if (ConnectErrno(path) != ECONNREFUSED)
    return absl::FailedPreconditionError(absl::StrCat("another program is already serving ", path,
                                                      "; stop it or choose another --address"));
  if (::unlink(path.c_str()) != 0) return Failed(absl::StrCat("remove the stale ", path), errno);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SocketClaim> SocketClaim::Acquire(const std::string& path,
                                                 std::optional<gid_t> group) {
  struct stat found = {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) return RemoveStale(path);
  const std::string directory = std::filesystem::path(path).parent_path().string();
  if (absl::Status status = MakeDirectory(directory, group); !status.ok()) return status;
  auto lock = Lock(path, path + ".lock");
  if (!lock.ok()) return lock.status();
  SocketClaim claim(path, *std::move(lock));
  if (absl::Status status = RemoveStale(path); !status.ok()) {
    ::unlink((path + ".lock").c_str());
    claim.path_.clear();  // the path is not ours to remove
    return status;
  }
  return claim;
}

SocketClaim::~SocketClaim() {
  if (!lock_ || path_.empty()) return;
  ::unlink(path_.c_str());
  ::unlink((path_ + ".lock").c_str());
}

absl::Status SocketClaim::OpenToClients(mode_t mode, std::optional<gid_t> group) const {
  if (group && ::chown(path_.c_str(), -1, *group) != 0)
    return Failed(absl::StrCat("give ", path_, " to its group"), errno);
  if (::chmod(path_.c_str(), mode) != 0)
    return Failed(absl::StrCat("set the mode of ", path_), errno);
  return absl::OkStatus();
}

absl::StatusOr<gid_t> GroupNamed(const std::string& name) {
  std::vector<char> buffer(64 * 1024);
  group entry = {};
  group* found = nullptr;
  const int error = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  const std::string why = error == 0 ? "there is no such group" : std::strerror(error);
  return absl::InvalidArgumentError(absl::StrCat("cannot serve the group ", name, ": ", why));
}

}  // namespace capmon
