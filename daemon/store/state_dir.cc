// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/state_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/store/sqlite.h"

namespace capmon {
namespace {

constexpr char kName[] = "capmon.db";
constexpr char kSpools[] = "sink-";  // daemon/sink/spool_file.h
constexpr mode_t kMode = 0700;

constexpr int kMostLinks = 40;

bool IsOurs(const struct stat& found) { return found.st_uid == 0 || found.st_uid == ::geteuid(); }

// Others may put entries there. That the group of root may is no matter.
bool OthersMayWrite(const struct stat& found) {
  return (found.st_mode & S_IWOTH) || ((found.st_mode & S_IWGRP) && found.st_gid != 0);
}

absl::Status NotPrivate(const std::string& path, const std::string& why) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot trust the state directory: ", path, " ", why,
                   "; choose another --state-dir or fix its owner and mode"));
}

// Of one directory on the way. What lies in one with the sticky bit can be replaced by its owner
// alone.
absl::Status CheckDirectory(const std::string& path, const struct stat& found, bool last) {
  if (!S_ISDIR(found.st_mode)) return NotPrivate(path, "is not a directory");
  if (!IsOurs(found)) return NotPrivate(path, absl::StrCat("belongs to user ", found.st_uid));
  if (OthersMayWrite(found) && (last || !(found.st_mode & S_ISVTX)))
    return NotPrivate(
        path, absl::StrFormat("can be written to by others (mode %04o)", found.st_mode & 07777));
  return absl::OkStatus();
}

// The components, without those that lead nowhere.
std::deque<std::filesystem::path> NamesIn(const std::filesystem::path& path) {
  std::deque<std::filesystem::path> names;
  for (const std::filesystem::path& name : path.relative_path())
    if (!name.empty() && name != ".") names.push_back(name);
  return names;
}

}  // namespace

absl::Status CheckPrivate(const std::string& path) {
  namespace fs = std::filesystem;
  fs::path done = "/";
  std::deque<fs::path> rest = NamesIn(path);
  for (int links = 0; !rest.empty();) {
    struct stat found {};
    if (::lstat(done.c_str(), &found) != 0)
      return absl::ErrnoToStatus(errno, absl::StrCat("look at ", done.string()));
    if (absl::Status status = CheckDirectory(done, found, false); !status.ok()) return status;
    const fs::path next = rest.front() == ".." ? done.parent_path() : done / rest.front();
    rest.pop_front();
    if (::lstat(next.c_str(), &found) != 0) {
      if (errno == ENOENT && rest.empty()) return absl::OkStatus();
      return absl::ErrnoToStatus(errno, absl::StrCat("look at ", next.string()));
    }
    if (!S_ISLNK(found.st_mode)) {
      if (rest.empty()) return CheckDirectory(next, found, true);
      done = next;
      continue;
    }
    if (rest.empty()) return NotPrivate(next, "is a symbolic link");
    if (!IsOurs(found)) return NotPrivate(next, absl::StrCat("is a link of user ", found.st_uid));
    if (++links > kMostLinks) return NotPrivate(next, "leads through too many links");
    std::error_code error;
    const fs::path target = fs::read_symlink(next, error);
    if (error) return NotPrivate(next, "cannot be read");
    if (target.is_absolute()) done = "/";
    const std::deque<fs::path> names = NamesIn(target);
    rest.insert(rest.begin(), names.begin(), names.end());
  }
  return absl::OkStatus();
}

absl::StatusOr<StateDir> StateDir::Claim(const std::string& path, Use use) {
  if (use == Use::kKeep)
    if (absl::Status status = CheckPrivate(path); !status.ok()) return status;
  if (::mkdir(path.c_str(), kMode) != 0 && errno != EEXIST)
    return absl::ErrnoToStatus(errno, absl::StrCat("make the state directory ", path));
  const std::string lock_path = path + "/lock";
  UniqueFd lock(
      ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!lock) return absl::ErrnoToStatus(errno, absl::StrCat("open ", lock_path));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, absl::StrCat("lock ", lock_path));
    return absl::FailedPreconditionError(absl::StrCat("another capmond keeps its state in ", path,
                                                      "; stop it or choose another --state-dir"));
  }
  StateDir directory(path, std::move(lock));
  if (use == Use::kKeep)
    if (absl::Status status = directory.SecureFiles(); !status.ok()) return status;
  return directory;
}

absl::Status StateDir::SecureFiles() const {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string path = database() + suffix;
    const int make = *suffix == '\0' ? O_CREAT : 0;
    const UniqueFd file(
        ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | make, 0600));
    if (!file && errno == ENOENT) continue;
    if (!file && errno == ELOOP) return NotPrivate(path, "is a symbolic link");
    struct stat found {};
    if (!file || ::fstat(file.get(), &found) != 0)
      return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
    if (!S_ISREG(found.st_mode)) return NotPrivate(path, "is not a regular file");
    if ((found.st_mode & 077) != 0 && ::fchmod(file.get(), 0600) != 0)
      return absl::ErrnoToStatus(errno, absl::StrCat("take others' rights to ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> StateDir::SetAside() const {
  absl::StatusOr<std::string> aside = SetDatabaseAside(database());
  if (!aside.ok()) return aside;
  if (absl::Status status = SecureFiles(); !status.ok()) return status;  // the next is private, too
  return aside;
}

absl::StatusOr<std::vector<std::string>> StateDir::RemoveFiles() {
  std::vector<std::string> removed;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kName) && !name.starts_with(kSpools) && name != "lock") continue;
    std::filesystem::remove(entry.path(), error);
    if (error)
      return absl::UnavailableError(
          absl::StrCat("remove ", entry.path().string(), ": ", error.message()));
    removed.push_back(entry.path());
  }
  return removed;
}

absl::StatusOr<std::vector<std::string>> StateDir::Remove() {
  auto removed = RemoveFiles();
  if (removed.ok() && ::rmdir(path_.c_str()) == 0) removed->push_back(path_);
  return removed;
}

}  // namespace capmon
