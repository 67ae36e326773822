// SPDX-License-Identifier: Apache-2.0
// Reads a recording as if it were the kernel. The file is read and checked whole at Open, so a
// bad line is reported before anything is believed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/collector/kernel_source.h"

namespace capmon {

class ReplaySource : public KernelSource {
 public:
  // NOT_FOUND, or INVALID_ARGUMENT: no regular file, too long, or with file and line.
  static absl::StatusOr<std::unique_ptr<ReplaySource>> Open(const std::string& path);

  int fd() const override { return -1; }
  // Everything at once: a recording has no waiting in it.
  absl::Status Drain(const KernelEventSink& sink) override;

 private:
  explicit ReplaySource(std::vector<KernelEvent> events) : events_(std::move(events)) {}

  std::vector<KernelEvent> events_;
  bool delivered_ = false;
};

}  // namespace capmon
