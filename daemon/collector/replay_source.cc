// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/replay_source.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "daemon/collector/event_text.h"

namespace capmon {

absl::StatusOr<std::unique_ptr<ReplaySource>> ReplaySource::Open(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return absl::ErrnoToStatus(errno, fmt::format("open recording {}", path));
  if (!S_ISREG(info.st_mode))
    return absl::InvalidArgumentError(fmt::format("recording {} is not a regular file", path));
  errno = 0;
  std::ifstream file(path);
  if (!file) return absl::ErrnoToStatus(errno, fmt::format("open recording {}", path));

  std::string line;
  if (!std::getline(file, line) || line != kRecordingHeader)
    return absl::InvalidArgumentError(fmt::format(
        "{} is not a capmon recording: its first line is not \"{}\"", path, kRecordingHeader));
  std::vector<KernelEvent> events;
  for (size_t number = 2; std::getline(file, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    absl::StatusOr<KernelEvent> event = FromText(line);
    if (!event.ok())
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: {}", path, number, std::string(event.status().message())));
    events.push_back(*std::move(event));
  }
  if (file.bad()) return absl::DataLossError(fmt::format("read recording {}", path));
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
