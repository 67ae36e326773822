// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/recorder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/base/regular_file.h"
#include "daemon/collector/event_text.h"

namespace capmon {

absl::StatusOr<Recorder> Recorder::Create(const std::string& path) {
  absl::StatusOr<WritableFile> opened = OpenToAppend(path, 0640);
  if (!opened.ok()) return opened.status();
  struct stat found {};
  if (::fstat(opened->fd.get(), &found) != 0 || !S_ISREG(found.st_mode))
    return absl::InvalidArgumentError(
        fmt::format("create recording {}: it is not a regular file", path));
  std::FILE* const file =
      ::ftruncate(opened->fd.get(), 0) == 0 ? ::fdopen(opened->fd.get(), "a") : nullptr;
  if (file == nullptr) return absl::ErrnoToStatus(errno, fmt::format("create recording {}", path));
  opened->fd.Release();
  Recorder recorder(path, file);
  recorder.made_ = opened->made;
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
