// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/state_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace capmon {
namespace {

constexpr char kName[] = "capmon.db";
constexpr mode_t kMode = 0700;

std::string UtcNow() {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  return absl::StrFormat("%04d%02d%02dT%02d%02d%02dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                         parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace

absl::StatusOr<StateDir> StateDir::Claim(const std::string& path) {
  if (::mkdir(path.c_str(), kMode) != 0 && errno != EEXIST)
    return absl::ErrnoToStatus(errno, absl::StrCat("make the state directory ", path));
  const std::string lock_path = path + "/lock";
  UniqueFd lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return absl::ErrnoToStatus(errno, absl::StrCat("open ", lock_path));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return StateDir(path, std::move(lock));
  if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, absl::StrCat("lock ", lock_path));
  return absl::FailedPreconditionError(absl::StrCat("another capmond keeps its state in ", path,
                                                    "; stop it or choose another --state-dir"));
}

absl::StatusOr<std::string> StateDir::SetAside() const {
  std::string aside = absl::StrCat(database(), ".set-aside-", UtcNow());
  for (int i = 2; std::filesystem::exists(aside); ++i)
    aside = absl::StrCat(database(), ".set-aside-", UtcNow(), "-", i);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (::rename((database() + suffix).c_str(), (aside + suffix).c_str()) == 0) continue;
    if (errno != ENOENT || *suffix == '\0')
      return absl::ErrnoToStatus(errno, absl::StrCat("set aside ", database(), suffix));
  }
  return aside;
}

absl::StatusOr<std::vector<std::string>> StateDir::Remove() {
  std::vector<std::string> removed;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kName) && name != "lock") continue;
    std::filesystem::remove(entry.path(), error);
    if (error)
      return absl::UnavailableError(
          absl::StrCat("remove ", entry.path().string(), ": ", error.message()));
    removed.push_back(entry.path());
  }
  if (::rmdir(path_.c_str()) == 0) removed.push_back(path_);
  return removed;
}

}  // namespace capmon
