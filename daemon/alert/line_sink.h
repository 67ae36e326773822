// SPDX-License-Identifier: Apache-2.0
// Appends lines to a file or stdout on a thread of its own, so that a slow disk or reader never
// delays the event loop. Bounded: drops lines that do not fit and counts them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class LineSink {
 public:
  // Opens "-" as stdout; creates a missing file with mode 0640. Never waits.
  static absl::StatusOr<std::unique_ptr<LineSink>> Open(const std::string& path);
  // Writes the queued lines, then stops. Drops the rest if the reader accepts nothing for a second.
  ~LineSink();

  // Opens the file by its name again, after logrotate moved it. Later lines go to the new file.
  // After an error the old file stays in use. Does nothing for stdout.
  absl::Status Reopen();

  void Put(std::string line);
  // Lines that did not fit into the queue or could not be written.
  uint64_t dropped() const;
  // True if this object created the file.
  bool made() const { return made_; }

  static constexpr size_t kMaxQueued = 4096;

 private:
  LineSink(std::string path, UniqueFd file, bool made);
  void Run();
  // Writes a line or, as far as possible, nothing of it.
  bool WriteLine(const std::string& line);
  void TakeBack(size_t written);
  // Waits until the reader accepts the text, or the sink closes; adds what was written.
  bool Write(std::string_view text, size_t& written);
  bool GaveUp() const;

  const std::string path_;
  const bool made_;
  UniqueFd file_;     // used by the thread only
  bool cut_ = false;  // likewise: the file ends within a line
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  struct Item {
    std::string line;
    UniqueFd file;  // the file to use from here on; this item has no line
  };
  std::deque<Item> queue_;
  uint64_t dropped_ = 0;
  std::optional<std::chrono::steady_clock::time_point> closing_since_;
  std::jthread thread_;  // last: uses all members above
};

}  // namespace capmon
