// SPDX-License-Identifier: Apache-2.0
#include "client/commands/files_command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/apart.h"
#include "client/base/exit_code.h"
#include "client/base/text.h"
#include "client/commands/show.h"
#include "client/host/privileged_file.h"
#include "client/render/file_listing.h"
#include "client/rpc/container_processes.h"
#include "common/file_text.h"
#include "common/utf8.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

// The directory to search: the first of several that exists.
struct Place {
  std::string name;
  std::string above;  // prefix of printed paths; empty if they are the container's own
  std::vector<std::string> directories;
  bool container = false;
};

absl::Status CannotOpen(const std::string& what, int error) {
  const std::string sentence = absl::StrCat("cannot look into ", what, ": ", std::strerror(error));
  if (error == EACCES || error == EPERM)
    return absl::PermissionDeniedError(
        absl::StrCat(sentence, ::geteuid() == 0 ? "" : "; run this as root"));
  if (error == ENOENT || error == ENOTDIR || error == ESRCH) return absl::NotFoundError(sentence);
  return absl::InternalError(sentence);
}

// Returns the root directory of the container's first running process.
absl::StatusOr<Place> FindPlace(const std::string& where, const Settings& settings) {
  if (where.starts_with('/') || where.starts_with('.'))
    return Place{where, where.substr(0, where.find_last_not_of('/') + 1), {where}, false};
  const auto target = FindTarget(where, settings);
  if (!target.ok()) return target.status();
  Place place{target->name, "", {}, target->container.has_value()};
  for (const pid_t pid : target->pids)
    place.directories.push_back(absl::StrCat("/proc/", pid, "/root"));
  return place;
}

absl::StatusOr<UniqueFd> Open(const Place& place, std::string& directory) {
  int error = ESRCH;
  for (const std::string& path : place.directories) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    directory = path;
    if (fd) return fd;
    error = errno;
    if (error != ENOENT && error != ESRCH) break;
  }
  const bool given = place.directories == std::vector<std::string>{place.name};
  if (given) return CannotOpen(place.name, error);
  if (error == ENOENT || error == ESRCH)
    return absl::NotFoundError(place.container
                                   ? absl::StrCat(place.name, " has no running processes")
                                   : absl::StrCat("there is no ", place.name, " that still runs"));
  return CannotOpen(absl::StrCat("the root of ", place.name), error);
}

// Returns the mounts of the process in a path /proc/PID/..., else those of this process.
MountTable MountsAt(const std::string& directory) {
  unsigned pid = 0;
  const bool other = std::sscanf(directory.c_str(), "/proc/%u/", &pid) == 1;
  return MountTable(TextOf(other ? absl::StrCat("/proc/", pid, "/mountinfo")
                                 : std::string("/proc/self/mountinfo")));
}

// Progress in one line of a terminal; nothing if there is no terminal.
class Progress {
 public:
  void operator()(uint64_t examined) {
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    shown_ = true;
    (void)Write(STDERR_FILENO, absl::StrCat("\r", Grouped(examined), " files examined "));
  }
  ~Progress() {
    if (shown_) (void)Write(STDERR_FILENO, "\r\x1b[K");
  }

 private:
  const bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
};

// Messages from the searching process: a kind, then a serialized part of the listing, or a status
// code and its sentence.
constexpr char kPart = 'p', kLast = 'l', kError = 'e';

void SearchApart(const Place& place, WalkLimits limits, const SendMessage& send) {
  std::string path;
  const auto directory = Open(place, path);
  if (!directory.ok()) {
    send(absl::StrCat(std::string(1, kError), static_cast<int>(directory.status().code()), " ",
                      directory.status().message()));
    return;
  }
  limits.mounts = MountsAt(path);
  const auto report = [&](char kind, const v1::FileListing& listing) {
    send(std::string(1, kind) + listing.SerializeAsString());
  };
  report(kLast, ListPrivilegedFiles(directory->get(), limits,
                                    [&](const v1::FileListing& part) { report(kPart, part); }));
}

absl::Status StatusOf(const std::string& text) {
  const size_t blank = text.find(' ');
  return {static_cast<absl::StatusCode>(std::atoi(text.c_str())), text.substr(blank + 1)};
}

// Returns what was found until the deadline, because a file system may never answer.
absl::StatusOr<v1::FileListing> Search(const Place& place, const FilesOptions& options) {
  constexpr std::chrono::seconds kGrace(1);  // time for the search to end by itself
  WalkLimits limits{.max_files = options.max_files, .mounts = {}};
  limits.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(options.max_time);
  v1::FileListing listing;
  absl::Status status;
  Progress progress;
  const auto ended = RunApart([&](const SendMessage& send) { SearchApart(place, limits, send); },
                              [&](const std::string& message) {
                                if (message[0] == kError) {
                                  status = StatusOf(message.substr(1));
                                  return;
                                }
                                v1::FileListing part;
                                if (part.ParseFromString(message.substr(1)))
                                  listing.MergeFrom(part);
                                if (message[0] == kPart) progress(listing.looked_at());
                              },
                              limits.deadline + kGrace);
  if (!ended.ok()) return ended.status();
  if (!status.ok()) return status;
  if (!*ended) (*listing.mutable_skipped())["a file system that did not answer in time"] = 1;
  listing.set_subject(ToUtf8(place.name));
  for (v1::PrivilegedFile& file : *listing.mutable_files())
    file.set_path(ToUtf8(place.above) + file.path());
  std::ranges::sort(*listing.mutable_files(), {}, &v1::PrivilegedFile::path);
  return listing;
}

absl::Status PrintListing(const v1::FileListing& listing, const Settings& settings) {
  return Show(listing, settings, [&](std::ostream& out) { RenderFiles(out, listing, settings); });
}

// Reads the flags of the file's mount; called only for the few files that matter.
bool IsNosuid(const FileFound& file) {
  struct statvfs found = {};
  const UniqueFd fd(::openat(file.directory, file.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  return fd && ::fstatvfs(fd.get(), &found) == 0 && (found.f_flag & ST_NOSUID) != 0;
}

}  // namespace

v1::FileListing ListPrivilegedFiles(int root, const WalkLimits& limits,
                                    const std::function<void(const v1::FileListing&)>& report) {
  int listed = 0;
  uint64_t unreadable = 0, unlisted = 0;
  const auto progress = [&](uint64_t examined) {
    v1::FileListing part;
    part.set_looked_at(examined);
    report(part);
  };
  const WalkResult walked = WalkFiles(
      root, limits,
      [&](const FileFound& file) {
        const auto carried = ReadFileCapabilities(file.directory, file.name);
        if (!carried.ok() && !absl::IsNotFound(carried.status())) ++unreadable;
        const auto capabilities = carried.ok() ? *carried : std::nullopt;
        const bool bits = (file.owner.mode & (S_ISUID | S_ISGID)) != 0;
        if (!bits && !capabilities) return;
        ModeAndOwner owner = file.owner;
        owner.nosuid = IsNosuid(file);
        if (listed == kMaxListed) {
          ++unlisted;
          return;
        }
        ++listed;
        v1::FileListing part;
        *part.add_files() = *Privileged(file.path, owner, capabilities);
        report(part);
      },
      progress);
  v1::FileListing last;
  last.set_looked_at(walked.examined);
  last.set_complete(walked.complete && unlisted == 0);
  for (const auto& [cause, count] : walked.skipped) (*last.mutable_skipped())[cause] = count;
  if (unreadable > 0) (*last.mutable_skipped())["capabilities that cannot be read"] = unreadable;
  if (unlisted > 0) (*last.mutable_skipped())["privileged files not listed"] = unlisted;
  return last;
}

absl::StatusOr<int> ShowFiles(const Settings& settings, const FilesOptions& options) {
  const auto place = FindPlace(options.where, settings);
  if (!place.ok()) return place.status();
  const auto listing = Search(*place, options);
  if (!listing.ok()) return listing.status();
  if (absl::Status printed = PrintListing(*listing, settings); !printed.ok()) return printed;
  return listing->complete() ? kExitOk : kExitIncomplete;
}

}  // namespace capmon
