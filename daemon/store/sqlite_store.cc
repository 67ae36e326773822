// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_store.h"

#include "absl/strings/str_cat.h"
#include "daemon/store/migrations.h"
#include "daemon/store/rows.h"

namespace capmon {
namespace {

// Cgroup ids start anew with the kernel: what ran has ended, and only the host goes on.
void EndAll(MonitorState& state) {
  state.cgroups.clear();
  for (Profile& profile : state.profiles) {
    Container& container = profile.container;
    if (container.kind == ContainerKind::kHost) container.cgroup = 0;
    if (container.kind == ContainerKind::kHost || container.removed != 0) continue;
    container.removed = profile.observed_until = std::max(profile.observed_until, state.time);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& directory,
                                                               const std::string& boot) {
  absl::StatusOr<StateDir> claimed = StateDir::Claim(directory);
  if (!claimed.ok()) return claimed.status();
  std::unique_ptr<SqliteStore> store(new SqliteStore(*std::move(claimed)));
  absl::Status status = store->OpenDatabase(boot);
  if (absl::IsDataLoss(status)) {
    store->database_.reset();
    store->kept_ = {};
    const absl::StatusOr<std::string> aside = store->directory_.SetAside();
    if (!aside.ok()) return aside.status();
    store->trouble_ = absl::StrCat(std::string(status.message()), "; it is now ", *aside);
    status = store->OpenDatabase(boot);
  }
  if (!status.ok()) return status;
  return store;
}

absl::Status SqliteStore::OpenDatabase(const std::string& boot) {
  auto opened = Database::Open(directory_.database());
  if (!opened.ok()) return opened.status();
  database_ = *std::move(opened);
  Database& db = *database_;
  db.RunScript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  {
    Statement check = db.Prepare("PRAGMA quick_check(1)");
    if (check.Next() && check.Text(0) != "ok")
      return absl::DataLossError(
          absl::StrCat(directory_.database(), " is damaged: ", check.Text(0)));
  }
  if (!db.status().ok()) return db.TakeStatus();
  if (absl::Status status = Migrate(db); !status.ok()) return status;
  return Read(boot);
}

absl::Status SqliteStore::Read(const std::string& boot) {
  Database& db = *database_;
  kept_ = ReadState(db);
  std::string kept_boot;
  {
    Statement row = db.Prepare("SELECT value FROM facts WHERE name = 'boot'");
    if (row.Next()) kept_boot = row.Text(0);
  }
  if (kept_boot != boot) {
    EndAll(kept_);
    db.Run("DELETE FROM cgroups");
    WriteFact(db, "boot", boot);
    for (const Profile& profile : kept_.profiles) WriteContainer(db, profile);
  }
  // A missing table or column: not a capmon database.
  absl::Status status = db.TakeStatus();
  return absl::IsInternal(status) ? absl::DataLossError(std::string(status.message())) : status;
}

absl::StatusOr<std::optional<CounterCursor>> SqliteStore::CursorOf(uint64_t generation) {
  std::optional<CounterCursor> cursor = ReadCursor(*database_, generation);
  if (!database_->status().ok()) return database_->TakeStatus();
  return cursor;
}

absl::Status SqliteStore::Write(const MonitorChanges& changes, const CursorChanges& cursor) {
  Database& db = *database_;
  db.RunScript("BEGIN IMMEDIATE");
  WriteChanges(db, changes);
  WriteCursor(db, cursor);
  db.RunScript("COMMIT");
  absl::Status status = db.TakeStatus();
  if (status.ok()) return status;
  db.RunScript("ROLLBACK");
  (void)db.TakeStatus();  // there may be nothing to roll back
  return status;
}

}  // namespace capmon
