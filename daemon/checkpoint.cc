// SPDX-License-Identifier: Apache-2.0
#include "daemon/checkpoint.h"

#include <utility>

namespace capmon {

Checkpoint::Checkpoint(Synchronized<Monitor>& monitor, PersistentSource& source)
    : monitor_(monitor),
      source_(source),
      changes_(monitor.With([](Monitor& m) { return m.DrainChanges(); })),
      cursor_(source.DrainCursor()) {}

Checkpoint::~Checkpoint() {
  if (committed_) return;
  monitor_.With([this](Monitor& m) { m.Rollback(std::move(changes_)); });
  source_.Rollback();
}

bool Checkpoint::empty() const {
  return !changes_.whole && changes_.profiles.empty() && changes_.gone.empty() &&
         changes_.moved.empty() && changes_.cgroups.empty() && changes_.approvals.empty() &&
         changes_.alerts.empty() && changes_.imported.empty() && changes_.proofs.empty() &&
         !cursor_.whole && cursor_.cursor.counters.empty() && cursor_.cursor.losses.empty() &&
         cursor_.freed.empty();
}

absl::Status Checkpoint::Commit(SqliteStore& store) {
  absl::Status status = store.Write(changes_, cursor_);
  if (status.ok()) CommitUnwritten();
  return status;
}

void Checkpoint::CommitUnwritten() {
  committed_ = true;
  source_.Commit();
}

}  // namespace capmon
