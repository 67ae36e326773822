// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/state_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

absl::Status Failed(const std::string& what, const std::string& root, const std::string& path,
                    int error) {
  const std::string text = absl::StrCat(what, " ", root, "/", path);
  const bool is_none = error == ENOTDIR || error == ELOOP || error == ENXIO;
  return absl::ErrnoToStatus(is_none ? ENOENT : error, text);
}

// Opens component by component, so that no link is followed.
absl::StatusOr<UniqueFd> OpenBelow(const std::string& root, const std::string& path, int flags) {
  UniqueFd here(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!here) return Failed("open", root, path, errno);
  const std::vector<std::string> names = absl::StrSplit(path, '/', absl::SkipEmpty());
  for (size_t i = 0; i < names.size(); ++i) {
    if (!IsFileName(names[i])) return Failed("open", root, path, ENOENT);
    const bool last = i + 1 == names.size();
    // Does not wait for the other end of a pipe.
    const int how = last ? flags | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
    here = UniqueFd(::openat(here.get(), names[i].c_str(), how | O_NOFOLLOW | O_CLOEXEC));
    if (!here) return Failed("open", root, path, errno);
  }
  return here;
}

}  // namespace

bool IsFileName(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= NAME_MAX &&
         name.find('/') == name.npos && name.find('\0') == name.npos;
}

namespace {

std::string UserOnTheWay(const std::string& path) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    struct stat found;
    if (::lstat(path.substr(0, end).c_str(), &found) != 0) return "";
    if (found.st_uid != 0 && found.st_uid != ::geteuid()) return absl::StrCat(found.st_uid);
    if (end == path.npos) return "";
  }
}

}  // namespace

std::string UserOfPath(const std::string& path) {
  if (std::string user = UserOnTheWay(path); !user.empty()) return user;
  std::error_code absent;
  const std::string real = std::filesystem::canonical(path, absent).string();
  return absent ? "" : UserOnTheWay(real);
}

absl::StatusOr<std::string> ReadStateFile(const std::string& root, const std::string& path) {
  auto file = OpenBelow(root, path, O_RDONLY);
  if (!file.ok()) return file.status();
  struct stat found;
  if (::fstat(file->get(), &found) != 0 || !S_ISREG(found.st_mode))
    return Failed("read", root, path, ENOENT);
  std::string text;
  char buffer[1 << 14];
  while (text.size() <= kMaxStateFile) {
    const ssize_t bytes = ::read(file->get(), buffer, sizeof(buffer));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return Failed("read", root, path, errno);
    if (bytes == 0) return text;
    text.append(buffer, static_cast<size_t>(bytes));
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("read ", root, "/", path, ": longer than ", kMaxStateFile, " bytes"));
}

absl::StatusOr<std::vector<StateDirectory>> ListStateDirectories(const std::string& root,
                                                                 const std::string& path) {
  auto directory = OpenBelow(root, path, O_RDONLY | O_DIRECTORY);
  if (!directory.ok()) return directory.status();
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(::dup(directory->get())),
                                                    &::closedir);
  if (!listing) return Failed("list", root, path, errno);
  std::vector<StateDirectory> found;
  while (found.size() < kMaxStateEntries) {
    const dirent* entry = ::readdir(listing.get());
    if (entry == nullptr) break;
    const bool may_be = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
    if (may_be && IsFileName(entry->d_name)) found.push_back({entry->d_name, entry->d_ino});
  }
  std::ranges::sort(found, {}, &StateDirectory::name);
  return found;
}

}  // namespace capmon
