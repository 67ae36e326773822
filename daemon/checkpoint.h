// SPDX-License-Identifier: Apache-2.0
// One step of persistence as one value: changes of the evidence, and the cursor. It is committed as
// a whole; if it ends uncommitted it is rolled back, and the next one contains everything.
#pragma once

#include "absl/status/status.h"
#include "daemon/base/synchronized.h"
#include "daemon/collector/persistent_source.h"
#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"

namespace capmon {

class Checkpoint {
 public:
  // Drains the changes of both, which must outlive this.
  Checkpoint(Synchronized<Monitor>& monitor, PersistentSource& source);
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  ~Checkpoint();

  // True if nothing changed since the last checkpoint.
  bool empty() const;
  // Writes evidence and cursor in one transaction; only then the kernel may free what it contains.
  absl::Status Commit(SqliteStore& store);
  // Commits without writing: nothing changed, or there is no store.
  void CommitUnwritten();

 private:
  Synchronized<Monitor>& monitor_;
  PersistentSource& source_;
  MonitorChanges changes_;
  CursorChanges cursor_;
  bool committed_ = false;
};

}  // namespace capmon
