// SPDX-License-Identifier: Apache-2.0
// Where evidence lives on when capmond does not: a SQLite database in a state directory of its own.
// Owned by the event loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/model/counter_cursor.h"
#include "daemon/monitor_changes.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/state_dir.h"

namespace capmon {

class SqliteStore {
 public:
  // `boot` identifies this run of the kernel. A database of an earlier version is brought to this
  // one. One that cannot be read, or is of a newer version, is set aside, never deleted; trouble()
  // then says so.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& directory,
                                                           const std::string& boot);

  // What it held when it was opened. Of another boot, everything but the host has ended: cgroup ids
  // mean nothing any more.
  MonitorState DrainLoaded() { return std::exchange(kept_, {}); }
  // How far that generation's counters are in the evidence; nothing when it was never written.
  absl::StatusOr<std::optional<CounterCursor>> CursorOf(uint64_t generation);
  // Both or nothing. Cursors of other generations are forgotten.
  absl::Status Write(const MonitorChanges& changes, const CursorChanges& cursor);

  // What was wrong with the database found, and where it is now; "" when nothing was.
  const std::string& trouble() const { return trouble_; }
  std::string file() const { return directory_.database(); }

 private:
  explicit SqliteStore(StateDir directory) : directory_(std::move(directory)) {}
  absl::Status OpenDatabase(const std::string& boot);
  absl::Status Read(const std::string& boot);

  StateDir directory_;  // first: locked until the database is closed
  std::unique_ptr<Database> database_;
  MonitorState kept_;
  std::string trouble_;
};

}  // namespace capmon
