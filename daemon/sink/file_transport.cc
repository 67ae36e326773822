// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/file_transport.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/regular_file.h"

namespace capmon {
namespace {

constexpr char kStdout[] = "-";
constexpr unsigned kMode = 0640;
constexpr int kFifoMilliseconds = 100;

absl::StatusOr<WritableFile> OpenTarget(const std::string& path) {
  if (path != kStdout) return OpenToAppend(path, kMode);
  WritableFile file{UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0))};
  if (!file.fd) return absl::ErrnoToStatus(errno, "use standard output");
  return file;
}

// -1 for anything but a regular file.
int64_t RegularSize(int fd) {
  struct stat found {};
  return ::fstat(fd, &found) == 0 && S_ISREG(found.st_mode) ? found.st_size : -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileTransport>> FileTransport::Open(const FileTarget& target,
                                                                   AlertFormat format,
                                                                   const Sensor& sensor) {
  absl::StatusOr<WritableFile> file = OpenTarget(target.path);
  if (!file.ok()) return file.status();
  return std::unique_ptr<FileTransport>(
      new FileTransport(target, format, sensor, std::move(file->fd), file->made));
}

FileTransport::FileTransport(const FileTarget& target, AlertFormat format, const Sensor& sensor,
                             UniqueFd file, bool made)
    : target_(target), format_(format), sensor_(sensor), made_(made), file_(std::move(file)) {}

absl::Status FileTransport::Reopen() {
  if (target_.path == kStdout) return absl::OkStatus();
  absl::StatusOr<WritableFile> file = OpenTarget(target_.path);
  if (!file.ok()) return file.status();
  std::lock_guard lock(mutex_);
  next_ = std::move(file->fd);
  return absl::OkStatus();
}

void FileTransport::TakeNewFile() {
  std::lock_guard lock(mutex_);
  if (!next_) return;
  file_ = std::move(next_);
  broken_line_ = false;
}

SendResult FileTransport::Send(const std::vector<FeedMessage>& batch, std::stop_token stop) {
  SendResult result;
  TakeNewFile();
  for (const FeedMessage& message : batch) {
    const std::string line = EncodeAlert(format_, message, sensor_) + "\n";
    result.status = RotateBefore(line.size());
    if (result.status.ok()) result.status = Append(line, stop);
    if (!result.status.ok()) break;
    ++result.settled;
  }
  if (result.settled == 0 || target_.sync == FileTarget::Sync::kNever) return result;
  if (RegularSize(file_.get()) < 0 || ::fdatasync(file_.get()) == 0) return result;
  SendResult failed;
  failed.status = absl::ErrnoToStatus(errno, absl::StrCat("write ", target_.path, " to disk"));
  return failed;
}

// Moves the file to FILE.1, that one to FILE.2, and so on, if the line would make it too large.
absl::Status FileTransport::RotateBefore(size_t bytes) {
  if (target_.rotate_bytes == 0) return absl::OkStatus();
  const int64_t size = RegularSize(file_.get());
  if (size <= 0 || static_cast<uint64_t>(size) + bytes <= target_.rotate_bytes)
    return absl::OkStatus();
  const std::string& path = target_.path;
  for (int number = target_.keep_rotated; number > 0; --number) {
    const std::string from = number == 1 ? path : absl::StrCat(path, ".", number - 1);
    if (::rename(from.c_str(), absl::StrCat(path, ".", number).c_str()) != 0 && errno != ENOENT)
      return absl::ErrnoToStatus(errno, absl::StrCat("rotate ", from));
  }
  if (target_.keep_rotated <= 0 && ::unlink(path.c_str()) != 0 && errno != ENOENT)
    return absl::ErrnoToStatus(errno, absl::StrCat("rotate ", path));
  absl::StatusOr<WritableFile> file = OpenTarget(path);
  if (!file.ok()) return file.status();
  file_ = std::move(file->fd);
  broken_line_ = false;
  return absl::OkStatus();
}

// Writes in pieces that a ready pipe accepts without blocking, because stdout may block.
absl::Status FileTransport::Append(std::string_view line, std::stop_token stop) {
  const int64_t before = RegularSize(file_.get());
  const std::string whole =
      broken_line_ ? absl::StrCat("\n", std::string(line)) : std::string(line);
  size_t written = 0;
  while (written < whole.size()) {
    pollfd ready = {file_.get(), POLLOUT, 0};
    const int polled = ::poll(&ready, 1, kFifoMilliseconds);
    ssize_t size = -1;
    if (polled > 0)
      size = ::write(file_.get(), whole.data() + written,
                     std::min<size_t>(whole.size() - written, PIPE_BUF));
    else if (polled == 0)
      errno = EAGAIN;
    if (size > 0) {
      written += static_cast<size_t>(size);
      continue;
    }
    if (errno == EINTR || (errno == EAGAIN && !stop.stop_requested())) continue;
    const int error = errno;
    if (written != 0) RemovePart(before);
    if (error == EAGAIN)
      return absl::CancelledError(absl::StrCat("write ", target_.path, ": stopping"));
    return absl::ErrnoToStatus(error, absl::StrCat("write ", target_.path));
  }
  broken_line_ = false;
  return absl::OkStatus();
}

// The message is written again as a whole.
void FileTransport::RemovePart(int64_t size) {
  broken_line_ = size < 0 || ::ftruncate(file_.get(), size) != 0;
}

}  // namespace capmon
