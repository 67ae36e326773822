// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/recorder.h"

#include <fmt/format.h>

#include <cerrno>

#include "daemon/collector/event_text.h"

namespace capmon {

absl::StatusOr<Recorder> Recorder::Create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return absl::ErrnoToStatus(errno, fmt::format("create recording {}", path));
  Recorder recorder(path, file);
  fmt::print(file, "{}\n", kRecordingHeader);
  return recorder;
}

void Recorder::Write(const KernelEvent& event) {
  if (!file_ || written_ >= kMaxBytes) return;
  const std::string line = ToText(event) + "\n";
  written_ += line.size();
  std::fwrite(line.data(), 1, line.size(), file_.get());
}

absl::Status Recorder::Flush() {
  if (!file_) return absl::OkStatus();
  const bool failed = std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0;
  if (!failed && written_ < kMaxBytes) return absl::OkStatus();
  const int error = errno;
  file_.reset();
  if (failed) return absl::ErrnoToStatus(error, fmt::format("write recording {}", path_));
  return absl::ResourceExhaustedError(
      fmt::format("recording {} reached {} bytes and ends here", path_, kMaxBytes));
}

}  // namespace capmon
