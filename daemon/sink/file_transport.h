// SPDX-License-Identifier: Apache-2.0
// Appends lines to a file, a pipe or stdout.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/base/unique_fd.h"
#include "daemon/sink/sink_settings.h"
#include "daemon/sink/transport.h"

namespace capmon {

class FileTransport final : public Transport {
 public:
  // Opens "-" as stdout; creates a missing file with mode 0640. Never waits.
  static absl::StatusOr<std::unique_ptr<FileTransport>> Open(const FileTarget& target,
                                                             AlertFormat format,
                                                             const Sensor& sensor);

  SendResult Send(const std::vector<FeedMessage>& batch, std::stop_token stop) override;
  absl::Status Reopen() override;
  size_t max_batch() const override { return 256; }
  // True if this object created the file.
  bool made() const { return made_; }

 private:
  FileTransport(const FileTarget& target, AlertFormat format, const Sensor& sensor, UniqueFd file,
                bool made);
  absl::Status Append(std::string_view line, std::stop_token stop);
  absl::Status RotateBefore(size_t bytes);
  void TakeNewFile();
  void RemovePart(int64_t size);

  const FileTarget target_;
  const AlertFormat format_;
  const Sensor sensor_;
  const bool made_;
  UniqueFd file_;             // of the sending thread
  bool broken_line_ = false;  // the file ends with a part of a line that could not be removed
  std::mutex mutex_;
  UniqueFd next_;  // the file to use from here on; guarded
};

}  // namespace capmon
