// SPDX-License-Identifier: Apache-2.0
// One step of persistence, as one value: what changed in the evidence, and how far the kernel's
// counters are in it. It is committed as a whole, or rolled back when it ends uncommitted; the next
// one then contains everything.
#pragma once

#include "absl/status/status.h"
#include "daemon/base/synchronized.h"
#include "daemon/collector/persistent_source.h"
#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"

namespace capmon {

class Checkpoint {
 public:
  // Drains the changes of both, which outlive this.
  Checkpoint(Synchronized<Monitor>& monitor, PersistentSource& source);
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  ~Checkpoint();

  // Nothing changed since the last one.
  bool empty() const;
  // Writes evidence and cursor in one transaction; only then may the kernel forget what is in it.
  absl::Status Commit(SqliteStore& store);
  // Commits without writing: nothing changed, or there is no store and memory is all there is.
  void CommitUnwritten();

 private:
  Synchronized<Monitor>& monitor_;
  PersistentSource& source_;
  MonitorChanges changes_;
  CursorChanges cursor_;
  bool committed_ = false;
};

}  // namespace capmon
