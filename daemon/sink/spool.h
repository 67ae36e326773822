// SPDX-License-Identifier: Apache-2.0
// The messages of one feed that its receiver does not have yet, in order, in a database of their
// own. What the disk does not accept stays in memory, bounded. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/alert.h"
#include "daemon/sink/sink_settings.h"
#include "daemon/store/sqlite.h"

namespace capmon {

// What did not reach the receiver since the feed last reported it.
struct FeedLoss {
  uint64_t queue = 0;            // alerts dropped before they had a number
  uint64_t spool = 0;            // messages dropped with their numbers
  uint64_t first = 0, last = 0;  // the lowest and highest of those numbers

  bool any() const { return queue + spool != 0; }
  void AddRange(uint64_t count, uint64_t lowest, uint64_t highest);
  void Add(const FeedLoss& other);

  friend bool operator==(const FeedLoss&, const FeedLoss&) = default;
};

class Spool {
 public:
  struct Row {
    uint64_t sequence = 0;
    std::string line;  // kNative
    FeedLoss reports;  // of a message that reports a loss
  };
  struct Refusal {
    uint64_t sequence = 0;
    std::string line, reason;
  };
  struct State {
    uint64_t messages = 0, bytes = 0;  // waiting now
    uint64_t dropped = 0;              // since Open
    bool has_loss = false;             // ReportLoss has something to report
    std::string trouble;               // why messages are only in memory, or what was set aside
  };
  using Encode = std::function<std::string(uint64_t sequence, const Alert& alert)>;

  // Continues with what the file at `path` holds ("": memory only). Sets a damaged file aside and
  // begins a new one. Begins in memory where the disk accepts nothing. FAILED_PRECONDITION,
  // NOT_FOUND: there cannot be such a file.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const std::string& path,
                                                     const SpoolSettings& limits, Encode encode);

  // Numbers the alerts and appends them; drops the oldest messages beyond the limits.
  void Append(const std::vector<Alert>& alerts);
  void AddQueueLoss(uint64_t alerts);
  // Appends one message about what was dropped; if it is dropped itself, its counts are not lost.
  void ReportLoss(const std::function<Alert(const FeedLoss&)>& describe);
  // Returns the oldest messages, at least one if there is any. They are not dropped before the next
  // call of Settle or Release.
  std::vector<Row> Front(size_t max_messages, size_t max_bytes);
  // Removes the messages up to this number. The latest of those refused are stored apart.
  void Settle(uint64_t sequence, const std::vector<Refusal>& refused);
  void Release();
  void SetLimits(const SpoolSettings& limits);
  // Writes what the disk accepts and closes the file. Counts what is only in memory as dropped, and
  // returns its number.
  uint64_t Close();
  // Never waits for the disk.
  State state() const;

  static constexpr size_t kMaxMemoryBytes = 16 << 20;
  static constexpr int kMaxRefusedStored = 100;

 private:
  struct Entry {
    uint64_t sequence = 0;
    uint64_t bytes = 0;
    bool on_disk = false;
  };

  Spool(std::string path, const SpoolSettings& limits, Encode encode);
  absl::Status OpenDatabase();
  void Load(Database& db);
  void AppendLine(std::string line, const FeedLoss& reports);
  void Persist();
  void WriteTransaction(Database& db, const std::deque<Row>& rows, const FeedLoss& loss);
  void WriteNumbers();
  void Trim();
  bool DropOldest(bool in_memory_only);
  void DropRow(const Entry& entry);
  void ReadDisk(size_t max_messages, size_t max_bytes, std::vector<Row>& rows);
  void SetAside(const std::string& why);
  void Failed(const absl::Status& status);
  void Publish();

  const std::string path_;
  const Encode encode_;
  std::mutex mutex_;  // guards what follows, but not state_
  SpoolSettings limits_;
  std::unique_ptr<Database> database_;                    // null: memory only
  std::deque<Entry> entries_;                             // all waiting messages
  std::deque<Row> memory_;                                // those that are not on disk; the newest
  std::vector<std::pair<uint64_t, uint64_t>> to_delete_;  // ranges of numbers still on disk
  std::vector<Refusal> to_store_;
  uint64_t next_ = 1;
  uint64_t in_flight_ = 0;  // up to this number
  FeedLoss loss_;
  bool loss_changed_ = false;
  uint64_t bytes_ = 0, memory_bytes_ = 0, lost_ = 0;
  std::string trouble_, aside_;
  std::chrono::steady_clock::time_point next_try_;
  mutable std::mutex state_mutex_;
  State state_;
};

}  // namespace capmon
