// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/spool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/sink/spool_file.h"

namespace capmon {
namespace {

constexpr std::chrono::seconds kRetryDisk(1);

}  // namespace

void FeedLoss::AddRange(uint64_t count, uint64_t lowest, uint64_t highest) {
  if (count == 0) return;
  first = spool == 0 ? lowest : std::min(first, lowest);
  last = std::max(last, highest);
  spool += count;
}

void FeedLoss::Add(const FeedLoss& other) {
  queue += other.queue;
  AddRange(other.spool, other.first, other.last);
}

Spool::Spool(std::string path, const SpoolSettings& limits, Encode encode)
    : path_(std::move(path)), encode_(std::move(encode)), limits_(limits) {}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const std::string& path,
                                                   const SpoolSettings& limits, Encode encode) {
  std::unique_ptr<Spool> spool(new Spool(path, limits, std::move(encode)));
  if (path.empty()) return spool;
  std::lock_guard lock(spool->mutex_);
  const absl::Status status = spool->OpenDatabase();
  if (absl::IsFailedPrecondition(status) || absl::IsNotFound(status)) return status;
  if (!status.ok()) spool->Failed(status);
  spool->Publish();
  return spool;
}

absl::Status Spool::OpenDatabase() {
  auto database = OpenSpoolFile(path_);
  if (!database.ok()) return database.status();
  Load(**database);
  if (absl::Status status = (*database)->TakeStatus(); !status.ok()) return status;
  database_ = *std::move(database);
  Trim();  // the limits may be lower than before
  return absl::OkStatus();
}

void Spool::Load(Database& db) {
  {
    Statement feed = db.Prepare(
        "SELECT next, lost_queue, lost_spool, lost_first, lost_last FROM feed WHERE id = 1");
    if (feed.Next()) {
      next_ = std::max(next_, feed.Unsigned(0));
      FeedLoss stored{feed.Unsigned(1), feed.Unsigned(2), feed.Unsigned(3), feed.Unsigned(4)};
      loss_.Add(stored);
    }
  }
  std::deque<Entry> stored;
  Statement rows =
      db.Prepare("SELECT sequence, length(CAST(line AS BLOB)) FROM spool ORDER BY sequence");
  while (rows.Next()) {
    stored.push_back({rows.Unsigned(0), rows.Unsigned(1), true});
    bytes_ += stored.back().bytes;
    next_ = std::max(next_, stored.back().sequence + 1);
  }
  // What is in memory is newer.
  entries_.insert(entries_.begin(), stored.begin(), stored.end());
}

void Spool::Append(const std::vector<Alert>& alerts) {
  std::lock_guard lock(mutex_);
  for (const Alert& alert : alerts) AppendLine(encode_(next_, alert), {});
  Trim();
  Persist();
  Publish();
}

void Spool::AppendLine(std::string line, const FeedLoss& reports) {
  entries_.push_back({next_, line.size(), false});
  bytes_ += line.size();
  memory_bytes_ += line.size();
  memory_.push_back({next_++, std::move(line), reports});
}

void Spool::AddQueueLoss(uint64_t alerts) {
  std::lock_guard lock(mutex_);
  loss_.queue += alerts;
  loss_changed_ = true;
  Publish();
}

void Spool::ReportLoss(const std::function<Alert(const FeedLoss&)>& describe) {
  std::lock_guard lock(mutex_);
  if (!loss_.any()) return;
  // What is dropped to make room for the report is in the report: no further report follows it.
  if (entries_.size() >= limits_.max_messages) DropOldest(/*in_memory_only=*/false);
  const FeedLoss reported = std::exchange(loss_, {});
  loss_changed_ = true;
  AppendLine(encode_(next_, describe(reported)), reported);
  Persist();
  Publish();
}

// Drops the oldest messages beyond the limits. The newest message stays, whatever its size.
void Spool::Trim() {
  const uint64_t max_bytes =
      path_.empty() ? std::min<uint64_t>(limits_.max_bytes, kMaxMemoryBytes) : limits_.max_bytes;
  while (entries_.size() > 1 && (bytes_ > max_bytes || entries_.size() > limits_.max_messages)) {
    if (!DropOldest(/*in_memory_only=*/false)) break;
  }
}

// Returns false if all that could be dropped is being sent.
bool Spool::DropOldest(bool in_memory_only) {
  const auto oldest = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.sequence > in_flight_ && !(in_memory_only && entry.on_disk);
  });
  if (oldest == entries_.end()) return false;
  const Entry entry = *oldest;
  entries_.erase(oldest);
  bytes_ -= entry.bytes;
  DropRow(entry);
  return true;
}

void Spool::DropRow(const Entry& entry) {
  ++lost_;
  loss_changed_ = true;
  FeedLoss reports;
  if (entry.on_disk) {
    if (!to_delete_.empty() && to_delete_.back().second + 1 == entry.sequence)
      to_delete_.back().second = entry.sequence;
    else
      to_delete_.emplace_back(entry.sequence, entry.sequence);
    if (database_) {
      Statement row = database_->Prepare(
          "SELECT lost_queue, lost_spool, lost_first, lost_last FROM spool WHERE sequence = ?");
      row.Bind(entry.sequence);
      if (row.Next())
        reports = {row.Unsigned(0), row.Unsigned(1), row.Unsigned(2), row.Unsigned(3)};
    }
  } else {
    const auto row = std::ranges::find(memory_, entry.sequence, &Row::sequence);
    memory_bytes_ -= entry.bytes;
    reports = row->reports;
    memory_.erase(row);
  }
  loss_.Add(reports);
  loss_.AddRange(1, entry.sequence, entry.sequence);
}

// Writes what is only in memory, and what was settled or dropped, in one transaction.
void Spool::Persist() {
  if (path_.empty()) return to_store_.clear();
  if (memory_.empty() && to_delete_.empty() && to_store_.empty() && !loss_changed_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) {
    while (memory_bytes_ > kMaxMemoryBytes && DropOldest(/*in_memory_only=*/true)) continue;
    return;
  }
  absl::Status status = database_ ? absl::OkStatus() : OpenDatabase();
  if (status.ok()) {
    WriteTransaction(*database_, memory_, loss_);
    status = database_->TakeStatus();
  }
  if (!status.ok()) return Failed(status);
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && !entry->on_disk; ++entry)
    entry->on_disk = true;
  memory_.clear();
  memory_bytes_ = 0;
  to_delete_.clear();
  to_store_.clear();
  loss_changed_ = false;
  trouble_ = aside_;
}

void Spool::WriteTransaction(Database& db, const std::deque<Row>& rows, const FeedLoss& loss) {
  db.RunScript("BEGIN IMMEDIATE");
  for (const auto& [from, to] : to_delete_)
    db.Run("DELETE FROM spool WHERE sequence BETWEEN ? AND ?", from, to);
  for (const Row& row : rows)
    db.Run(
        "INSERT OR REPLACE INTO spool (sequence, line, lost_queue, lost_spool, lost_first, "
        "lost_last) VALUES (?, ?, ?, ?, ?, ?)",
        row.sequence, row.line, row.reports.queue, row.reports.spool, row.reports.first,
        row.reports.last);
  for (const Refusal& one : to_store_)
    db.Run("INSERT INTO refused (sequence, line, reason) VALUES (?, ?, ?)", one.sequence, one.line,
           one.reason);
  if (!to_store_.empty())
    db.Run("DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - ?", kMaxRefusedStored);
  db.Run(
      "INSERT OR REPLACE INTO feed (id, next, lost_queue, lost_spool, lost_first, lost_last) "
      "VALUES (1, ?, ?, ?, ?, ?)",
      next_, loss.queue, loss.spool, loss.first, loss.last);
  db.RunScript("COMMIT");
}

// Rolls back, and writes what takes no room: which numbers are used, what need not be sent again,
// and what is lost if capmond ends now.
void Spool::WriteNumbers() {
  database_->RunScript("ROLLBACK");
  database_->TakeStatus().IgnoreError();  // there is no transaction if it failed to begin
  FeedLoss if_killed = loss_;
  if (!memory_.empty())
    if_killed.AddRange(memory_.size(), memory_.front().sequence, memory_.back().sequence);
  WriteTransaction(*database_, {}, if_killed);
  if (database_->TakeStatus().ok()) {
    to_delete_.clear();
    to_store_.clear();
    return;
  }
  database_->RunScript("ROLLBACK");
  database_->TakeStatus().IgnoreError();
}

void Spool::Failed(const absl::Status& status) {
  if (database_ && !absl::IsDataLoss(status)) WriteNumbers();
  next_try_ = std::chrono::steady_clock::now() + kRetryDisk;
  trouble_ = absl::StrCat("alerts wait in memory only: ", std::string(status.message()));
  if (absl::IsDataLoss(status)) SetAside(std::string(status.message()));
  while (memory_bytes_ > kMaxMemoryBytes && DropOldest(/*in_memory_only=*/true)) continue;
}

// Counts the messages in the damaged file as lost and continues with an empty one.
void Spool::SetAside(const std::string& why) {
  database_.reset();
  std::deque<Entry> in_memory;
  for (const Entry& entry : entries_) {
    if (!entry.on_disk) {
      in_memory.push_back(entry);
      continue;
    }
    ++lost_;
    bytes_ -= entry.bytes;
    loss_.AddRange(1, entry.sequence, entry.sequence);
  }
  entries_ = std::move(in_memory);
  to_delete_.clear();
  loss_changed_ = true;
  const auto aside = SetDatabaseAside(path_);
  aside_ = aside.ok() ? absl::StrCat(why, "; it is now ", *aside)
                      : absl::StrCat(why, "; ", std::string(aside.status().message()));
  const absl::Status reopened = aside.ok() ? OpenDatabase() : aside.status();
  trouble_ = reopened.ok() ? aside_ : absl::StrCat(aside_, "; alerts wait in memory only");
}

std::vector<Spool::Row> Spool::Front(size_t max_messages, size_t max_bytes) {
  std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  if (entries_.empty()) return rows;
  if (entries_.front().on_disk) {
    ReadDisk(max_messages, max_bytes, rows);
  } else {
    size_t bytes = 0;
    for (const Row& row : memory_) {
      if (rows.size() >= max_messages || (!rows.empty() && bytes + row.line.size() > max_bytes))
        break;
      bytes += row.line.size();
      rows.push_back(row);
    }
  }
  if (!rows.empty()) in_flight_ = rows.back().sequence;
  Publish();
  return rows;
}

void Spool::ReadDisk(size_t max_messages, size_t max_bytes, std::vector<Row>& rows) {
  absl::Status status = absl::UnavailableError("the spool is not open");
  if (database_) {
    Statement found = database_->Prepare(
        "SELECT sequence, line FROM spool WHERE sequence >= ? ORDER BY sequence LIMIT ?");
    found.Bind(entries_.front().sequence, max_messages);
    size_t bytes = 0;
    auto entry = entries_.begin();
    while (entry != entries_.end() && entry->on_disk && found.Next()) {
      // What was dropped, and could not be deleted yet, is no longer among the entries.
      if (found.Unsigned(0) != entry->sequence) continue;
      ++entry;
      std::string line = found.Text(1);
      if (!rows.empty() && bytes + line.size() > max_bytes) break;
      bytes += line.size();
      rows.push_back({found.Unsigned(0), std::move(line), {}});
    }
    status = database_->status();
  }
  if (database_) database_->TakeStatus().IgnoreError();
  if (status.ok() && rows.empty())
    status = absl::DataLossError(absl::StrCat("messages are missing from the spool ", path_));
  if (!status.ok()) Failed(status);
}

void Spool::Settle(uint64_t sequence, const std::vector<Refusal>& refused) {
  std::lock_guard lock(mutex_);
  in_flight_ = 0;
  to_store_.insert(to_store_.end(), refused.begin(), refused.end());
  if (to_store_.size() > kMaxRefusedStored)
    to_store_.erase(to_store_.begin(), to_store_.end() - kMaxRefusedStored);
  if (!entries_.empty() && entries_.front().sequence <= sequence && entries_.front().on_disk) {
    std::erase_if(to_delete_, [&](const auto& range) { return range.second <= sequence; });
    to_delete_.insert(to_delete_.begin(), {0, sequence});
  }
  while (!entries_.empty() && entries_.front().sequence <= sequence) {
    bytes_ -= entries_.front().bytes;
    entries_.pop_front();
  }
  while (!memory_.empty() && memory_.front().sequence <= sequence) {
    memory_bytes_ -= memory_.front().line.size();
    memory_.pop_front();
  }
  Persist();
  Publish();
}

void Spool::Release() {
  std::lock_guard lock(mutex_);
  in_flight_ = 0;
}

void Spool::SetLimits(const SpoolSettings& limits) {
  std::lock_guard lock(mutex_);
  limits_ = limits;
  Trim();
  Persist();
  Publish();
}

uint64_t Spool::Close() {
  std::lock_guard lock(mutex_);
  next_try_ = {};
  Persist();
  const uint64_t lost = memory_.size();
  lost_ += lost;
  database_.reset();
  Publish();
  return lost;
}

void Spool::Publish() {
  std::lock_guard lock(state_mutex_);
  state_ = {entries_.size(), bytes_, lost_, loss_.any(), trouble_};
}

Spool::State Spool::state() const {
  std::lock_guard lock(state_mutex_);
  return state_;
}

}  // namespace capmon
