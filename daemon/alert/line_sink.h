// SPDX-License-Identifier: Apache-2.0
// Appends lines to a file or stdout from a thread of its own, so that a slow disk or reader never
// holds up the evidence. Bounded: what does not fit is dropped and counted.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class LineSink {
 public:
  // "-" is stdout; a file is created with mode 0640 when missing.
  static absl::StatusOr<std::unique_ptr<LineSink>> Open(const std::string& path);
  // Writes what is queued, then stops.
  ~LineSink();

  void Put(std::string line);
  uint64_t dropped() const;

  static constexpr size_t kMaxQueued = 4096;

 private:
  explicit LineSink(UniqueFd file);
  void Run();

  UniqueFd file_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::string> queue_;
  uint64_t dropped_ = 0;
  bool closing_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace capmon
