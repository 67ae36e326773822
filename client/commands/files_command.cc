// SPDX-License-Identifier: Apache-2.0
#include "client/commands/files_command.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/document.h"
#include "client/host/privileged_file.h"
#include "client/render/file_listing.h"
#include "client/rpc/container_processes.h"
#include "common/utf8.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

struct Root {
  std::string name;
  std::string above;  // what paths begin with: nothing where they are the container's own
  UniqueFd directory;
};

absl::Status CannotOpen(const std::string& what, int error) {
  const std::string sentence = absl::StrCat("cannot look into ", what, ": ", std::strerror(error));
  if (error == EACCES || error == EPERM)
    return absl::PermissionDeniedError(
        absl::StrCat(sentence, ::geteuid() == 0 ? "" : "; run this as root"));
  if (error == ENOENT || error == ENOTDIR || error == ESRCH) return absl::NotFoundError(sentence);
  return absl::InternalError(sentence);
}

absl::StatusOr<Root> OpenDirectory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return CannotOpen(path, errno);
  return Root{path, path.substr(0, path.find_last_not_of('/') + 1), std::move(fd)};
}

// The root directory of the container's first process that still runs.
absl::StatusOr<Root> OpenRootOf(const Target& target) {
  int error = ESRCH;
  for (const pid_t pid : target.pids) {
    const std::string link = absl::StrCat("/proc/", pid, "/root");
    UniqueFd fd(::open(link.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) return Root{target.name, "", std::move(fd)};
    error = errno;
    if (error != ENOENT && error != ESRCH) break;
  }
  if (error == ENOENT || error == ESRCH)
    return absl::NotFoundError(target.container
                                   ? absl::StrCat(target.name, " has no processes that still run")
                                   : absl::StrCat("there is no ", target.name, " that still runs"));
  return CannotOpen(absl::StrCat("the root of ", target.name), error);
}

absl::StatusOr<Root> OpenRoot(const std::string& where, const Settings& settings) {
  if (where.starts_with('/') || where.starts_with('.')) return OpenDirectory(where);
  const auto target = FindTarget(where, settings);
  return target.ok() ? OpenRootOf(*target) : target.status();
}

// One line on a terminal, rewritten; nothing elsewhere.
class Progress {
 public:
  void operator()(uint64_t looked_at) {
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    shown_ = true;
    (void)Write(STDERR_FILENO, absl::StrCat("\r", Grouped(looked_at), " files looked at "));
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

v1::FileListing Search(const Root& root, const FilesOptions& options) {
  Progress progress;
  WalkLimits limits{.max_files = options.max_files};
  limits.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(options.max_time);
  v1::FileListing listing =
      ListPrivilegedFiles(root.directory.get(), limits, [&](uint64_t count) { progress(count); });
  listing.set_subject(ToUtf8(root.name));
  for (v1::PrivilegedFile& file : *listing.mutable_files())
    file.set_path(ToUtf8(root.above) + file.path());
  return listing;
}

absl::Status PrintListing(const v1::FileListing& listing, const Settings& settings) {
  if (settings.document()) {
    const auto document = DocumentOf(listing, settings.format);
    return document.ok() ? Print(*document) : document.status();
  }
  std::ostringstream out;
  RenderFiles(out, listing, settings);
  return Print(out.str());
}

// Of the mount the file is on; asked only of the few files that matter.
bool IsNosuid(const FileFound& file) {
  struct statvfs found = {};
  const UniqueFd fd(::openat(file.directory, file.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  return fd && ::fstatvfs(fd.get(), &found) == 0 && (found.f_flag & ST_NOSUID) != 0;
}

}  // namespace

v1::FileListing ListPrivilegedFiles(int root, const WalkLimits& limits,
                                    const std::function<void(uint64_t)>& tick) {
  v1::FileListing listing;
  uint64_t unreadable = 0, unlisted = 0;
  const WalkResult walked = WalkFiles(
      root, limits,
      [&](const FileFound& file) {
        const auto carried = ReadFileCapabilities(file.directory, file.name);
        if (!carried.ok() && !absl::IsNotFound(carried.status())) ++unreadable;
        const auto capabilities = carried.ok() ? *carried : std::nullopt;
        const bool bits = (file.stat.st_mode & (S_ISUID | S_ISGID)) != 0;
        if (!bits && !capabilities) return;
        const ModeAndOwner mode{file.stat.st_mode, file.stat.st_uid, file.stat.st_gid,
                                IsNosuid(file)};
        if (listing.files_size() == kMaxListed)
          ++unlisted;
        else
          *listing.add_files() = *Privileged(file.path, mode, capabilities);
      },
      tick);
  std::ranges::sort(*listing.mutable_files(), {}, &v1::PrivilegedFile::path);
  listing.set_looked_at(walked.looked_at);
  listing.set_complete(walked.complete && unlisted == 0);
  for (const auto& [cause, count] : walked.skipped) (*listing.mutable_skipped())[cause] = count;
  if (unreadable > 0) (*listing.mutable_skipped())["capabilities that cannot be read"] = unreadable;
  if (unlisted > 0) (*listing.mutable_skipped())["privileged files not listed"] = unlisted;
  return listing;
}

absl::StatusOr<int> ShowFiles(const Settings& settings, const FilesOptions& options) {
  const auto root = OpenRoot(options.where, settings);
  if (!root.ok()) return root.status();
  const v1::FileListing listing = Search(*root, options);
  if (absl::Status printed = PrintListing(listing, settings); !printed.ok()) return printed;
  return listing.complete() ? kExitOk : kExitIncomplete;
}

}  // namespace capmon
