// SPDX-License-Identifier: Apache-2.0
// Appends lines to a file or stdout from a thread of its own, so that a slow disk or reader never
// holds up the evidence. Bounded: what does not fit is dropped and counted.
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
  // "-" is stdout; a file is created with mode 0640 when missing. Never waits.
  static absl::StatusOr<std::unique_ptr<LineSink>> Open(const std::string& path);
  // Writes what is queued, then stops. A reader that takes nothing for a second loses the rest.
  ~LineSink();

  // Opens the file by its name again, for what moves it away (logrotate). Lines that are put from
  // now on go there. After an error the old file stays in use. Stdout stays as it is.
  absl::Status Reopen();

  void Put(std::string line);
  // Lines that did not fit into the queue or could not be written.
  uint64_t dropped() const;
  // The file was not there before.
  bool made() const { return made_; }

  static constexpr size_t kMaxQueued = 4096;

 private:
  LineSink(std::string path, UniqueFd file, bool made);
  void Run();
  // Waits as long as the reader does not take it and the sink is not closing.
  bool Write(std::string_view text);
  bool GaveUp() const;

  const std::string path_;
  const bool made_;
  UniqueFd file_;  // the thread's alone
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  struct Item {
    std::string line;
    UniqueFd file;  // to be used from this item on, which has no line
  };
  std::deque<Item> queue_;
  uint64_t dropped_ = 0;
  std::optional<std::chrono::steady_clock::time_point> closing_since_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace capmon
