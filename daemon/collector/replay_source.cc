// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/replay_source.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/base/regular_file.h"
#include "daemon/collector/event_text.h"
#include "daemon/collector/recorder.h"

namespace capmon {

namespace {

constexpr size_t kMaxLine = 1 << 20;

// Reads a file line by line, whatever it holds.
class Lines {
 public:
  explicit Lines(UniqueFd file) : file_(std::move(file)) {}

  // Puts the next line into `line`. False at the end, and when something is wrong; see status().
  bool Next(std::string& line) {
    line.clear();
    while (status_.ok()) {
      const size_t end = buffered_.find('\n', at_);
      line.append(buffered_, at_, std::min(end, buffered_.size()) - at_);
      at_ = std::min(end, buffered_.size());
      if (line.size() > kMaxLine)
        status_ = absl::InvalidArgumentError(fmt::format("longer than {} bytes", kMaxLine));
      else if (end != buffered_.npos)
        return ++at_, true;
      else if (!Fill())
        return status_.ok() && !line.empty();
    }
    return false;
  }
  const absl::Status& status() const { return status_; }

 private:
  bool Fill() {
    buffered_.resize(1 << 16);
    ssize_t size = 0;
    do size = ::read(file_.get(), buffered_.data(), buffered_.size());
    while (size < 0 && errno == EINTR);
    if (size < 0) status_ = absl::ErrnoToStatus(errno, "read");
    buffered_.resize(size > 0 ? static_cast<size_t>(size) : 0);
    at_ = 0;
    return size > 0;
  }

  UniqueFd file_;
  std::string buffered_;
  size_t at_ = 0;
  absl::Status status_;
};

absl::Status At(const std::string& path, size_t line, const absl::Status& status) {
  return absl::InvalidArgumentError(
      fmt::format("{}:{}: {}", path, line, std::string(status.message())));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReplaySource>> ReplaySource::Open(const std::string& path) {
  absl::StatusOr<UniqueFd> file = OpenRegularFile(path);
  if (!file.ok()) return file.status();
  struct stat found {};
  if (::fstat(file->get(), &found) == 0 &&
      static_cast<uint64_t>(found.st_size) > Recorder::kMaxBytes + kMaxLine)
    return absl::InvalidArgumentError(
        fmt::format("read {}: it is longer than {} bytes", path, Recorder::kMaxBytes));
  Lines lines(*std::move(file));
  std::string line;
  if (!lines.Next(line) || line != kRecordingHeader)
    return absl::InvalidArgumentError(fmt::format(
        "{} is not a capmon recording: its first line is not \"{}\"", path, kRecordingHeader));
  std::vector<KernelEvent> events;
  size_t number = 2;
  for (; lines.Next(line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    absl::StatusOr<KernelEvent> event = FromText(line);
    if (!event.ok()) return At(path, number, event.status());
    events.push_back(*std::move(event));
  }
  if (!lines.status().ok()) return At(path, number, lines.status());
  return std::unique_ptr<ReplaySource>(new ReplaySource(std::move(events)));
}

absl::Status ReplaySource::Drain(const KernelEventSink& sink) {
  if (delivered_) return absl::OkStatus();
  delivered_ = true;
  for (const KernelEvent& event : events_) sink(event);
  events_.clear();
  events_.shrink_to_fit();
  return absl::OkStatus();
}

}  // namespace capmon
