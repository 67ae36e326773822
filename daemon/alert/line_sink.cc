// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/line_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "daemon/base/regular_file.h"

namespace capmon {
namespace {

constexpr char kStdout[] = "-";
constexpr unsigned kMode = 0640;
constexpr int kPollMilliseconds = 100;
constexpr std::chrono::seconds kPatience(1);

absl::StatusOr<WritableFile> OpenSink(const std::string& path) {
  if (path != kStdout) return OpenToAppend(path, kMode);
  WritableFile file{UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0))};
  if (!file.fd) return absl::ErrnoToStatus(errno, "use standard output");
  return file;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineSink>> LineSink::Open(const std::string& path) {
  absl::StatusOr<WritableFile> file = OpenSink(path);
  if (!file.ok()) return file.status();
  return std::unique_ptr<LineSink>(new LineSink(path, std::move(file->fd), file->made));
}

LineSink::LineSink(std::string path, UniqueFd file, bool made)
    : path_(std::move(path)), made_(made), file_(std::move(file)), thread_([this] { Run(); }) {}

LineSink::~LineSink() {
  {
    std::lock_guard lock(mutex_);
    closing_since_ = std::chrono::steady_clock::now();
  }
  arrived_.notify_one();
}

absl::Status LineSink::Reopen() {
  if (path_ == kStdout) return absl::OkStatus();
  absl::StatusOr<WritableFile> file = OpenSink(path_);
  if (!file.ok()) return file.status();
  {
    std::lock_guard lock(mutex_);
    // Uses no line's place in the queue: signals come one at a time.
    queue_.push_back({"", std::move(file->fd)});
  }
  arrived_.notify_one();
  return absl::OkStatus();
}

void LineSink::Put(std::string line) {
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueued) {
      ++dropped_;
      return;
    }
    queue_.push_back({std::move(line) + "\n", UniqueFd()});
  }
  arrived_.notify_one();
}

uint64_t LineSink::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

// Call under the lock.
bool LineSink::GaveUp() const {
  return closing_since_ && std::chrono::steady_clock::now() - *closing_since_ > kPatience;
}

// What cannot be taken back of a cut line is ended before the next one.
void LineSink::TakeBack(size_t written) {
  if (written == 0) return;
  struct stat info {};
  cut_ = ::fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
         ::ftruncate(file_.get(), info.st_size - static_cast<off_t>(written)) != 0;
}

bool LineSink::WriteLine(const std::string& line) {
  size_t written = 0;
  if (cut_ && !Write("\n", written)) return false;
  cut_ = false;
  written = 0;
  if (Write(line, written)) return true;
  TakeBack(written);
  return false;
}

// Writes in pieces that a ready pipe accepts without blocking, because stdout may block.
bool LineSink::Write(std::string_view text, size_t& written) {
  while (!text.empty()) {
    pollfd ready = {file_.get(), POLLOUT, 0};
    const int polled = ::poll(&ready, 1, kPollMilliseconds);
    if (polled < 0 && errno != EINTR) return false;
    if (polled <= 0) {
      std::lock_guard lock(mutex_);
      if (GaveUp()) return false;
      continue;
    }
    const ssize_t size = ::write(file_.get(), text.data(), std::min<size_t>(text.size(), PIPE_BUF));
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) return false;
    written += static_cast<size_t>(size);
    text.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

void LineSink::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return closing_since_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    bool ok = true;
    if (item.file) {
      file_ = std::move(item.file);
      cut_ = false;
    } else {
      ok = WriteLine(item.line);
    }
    lock.lock();
    if (!ok) ++dropped_;
    if (!ok && GaveUp()) {
      dropped_ += queue_.size();
      return;
    }
  }
}

}  // namespace capmon
