// SPDX-License-Identifier: Apache-2.0
// The store as a SQLite database in a state directory of its own.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "daemon/store/sqlite.h"
#include "daemon/store/state_dir.h"
#include "daemon/store/store.h"

namespace capmon {

class SqliteStore : public Store {
 public:
  // `boot` identifies this run of the kernel. A database that cannot be read, or is of another
  // version, is set aside, never deleted; trouble() then says so.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& directory,
                                                           const std::string& boot);

  MonitorState TakeKept() override { return std::exchange(kept_, {}); }
  absl::StatusOr<std::optional<CounterCursor>> CursorOf(uint64_t generation) override;
  absl::Status Write(const MonitorChanges& changes, const CursorChanges& cursor) override;

  // What was wrong with the database found, and where it is now; "" when nothing was.
  const std::string& trouble() const { return trouble_; }

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
