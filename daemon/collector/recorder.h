// SPDX-License-Identifier: Apache-2.0
// Writes events to a recording as they pass. Stops, and says so, at a size limit or write error.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class Recorder {
 public:
  // Writes nowhere.
  Recorder() = default;
  // INVALID_ARGUMENT where something else than a regular file is.
  static absl::StatusOr<Recorder> Create(const std::string& path);
  static constexpr uint64_t kMaxBytes = uint64_t{1} << 30;
  // It was not there before.
  bool made() const { return made_; }

  void Write(const KernelEvent& event);
  // Call after each batch, so that a reader sees whole batches. The error comes once.
  absl::Status Flush();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Recorder(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t written_ = 0;
  bool made_ = false;
};

}  // namespace capmon
