// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/line_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace capmon {
namespace {

bool WriteAll(int fd, const std::string& text) {
  for (size_t written = 0; written < text.size();) {
    const ssize_t size = ::write(fd, text.data() + written, text.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    written += static_cast<size_t>(size);
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineSink>> LineSink::Open(const std::string& path) {
  UniqueFd file(path == "-"
                    ? ::dup(STDOUT_FILENO)
                    : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!file) return absl::ErrnoToStatus(errno, "open alert file " + path);
  return std::unique_ptr<LineSink>(new LineSink(std::move(file)));
}

LineSink::LineSink(UniqueFd file) : file_(std::move(file)), thread_([this] { Run(); }) {}

LineSink::~LineSink() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
}

void LineSink::Put(std::string line) {
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueued) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(line) + "\n");
  }
  arrived_.notify_one();
}

uint64_t LineSink::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

void LineSink::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::string line = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const bool ok = WriteAll(file_.get(), line);
    lock.lock();
    if (!ok) ++dropped_;
  }
}

}  // namespace capmon
