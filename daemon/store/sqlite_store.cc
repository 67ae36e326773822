// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_store.h"

#include "absl/strings/str_cat.h"
#include "daemon/store/rows.h"
#include "daemon/store/schema.h"

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

void WriteCursor(Database& db, const CursorChanges& changes) {
  const CounterCursor& cursor = changes.cursor;
  for (const char* table : {"counters", "counter_losses"})
    db.Run(absl::StrCat("DELETE FROM ", table, " WHERE generation != ?"), cursor.generation);
  db.Run("DELETE FROM generations WHERE id != ?", cursor.generation);
  if (cursor.generation == 0) return;
  db.Run("INSERT OR REPLACE INTO generations VALUES(?,?)", cursor.generation, cursor.ring_position);
  if (changes.whole) db.Run("DELETE FROM counters WHERE generation = ?", cursor.generation);
  for (const std::string& counter : changes.freed)
    db.Run("DELETE FROM counters WHERE generation = ? AND counter = ?", cursor.generation, counter);
  for (const auto& [counter, delivered] : cursor.counters)
    db.Run("INSERT OR REPLACE INTO counters VALUES(?,?,?,?,?,?,?)", cursor.generation, counter,
           delivered.counts.count, delivered.counts.succeeded, delivered.counts.failed,
           delivered.counts.errnos, delivered.site);
  for (const auto& [cause, count] : cursor.losses)
    db.Run("INSERT OR REPLACE INTO counter_losses VALUES(?,?,?)", cursor.generation, cause, count);
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
  int64_t version = 0, tables = 0;
  {
    Statement row = db.Prepare("PRAGMA user_version");
    if (row.Next()) version = row.Int(0);
  }
  {
    Statement row = db.Prepare("SELECT count(*) FROM sqlite_master");
    if (row.Next()) tables = row.Int(0);
  }
  if (!db.status().ok()) return db.TakeStatus();
  if (tables == 0) {
    db.RunScript("BEGIN");
    db.RunScript(kSchema);
    db.RunScript(absl::StrCat("PRAGMA user_version = ", kSchemaVersion, "; COMMIT").c_str());
  } else if (version != kSchemaVersion) {
    return absl::DataLossError(absl::StrCat(directory_.database(), " has layout ", version,
                                            ", and this capmond writes ", kSchemaVersion));
  }
  return Read(boot);
}

absl::Status SqliteStore::Read(const std::string& boot) {
  Database& db = *database_;
  {
    Statement check = db.Prepare("PRAGMA quick_check(1)");
    if (check.Next() && check.Text(0) != "ok")
      return absl::DataLossError(
          absl::StrCat(directory_.database(), " is damaged: ", check.Text(0)));
  }
  kept_ = ReadState(db);
  std::string kept_boot;
  {
    Statement row = db.Prepare("SELECT value FROM facts WHERE name = 'boot'");
    if (row.Next()) kept_boot = row.Text(0);
  }
  if (kept_boot != boot) {
    EndAll(kept_);
    db.Run("DELETE FROM cgroups");
    db.Run("INSERT OR REPLACE INTO facts VALUES('boot', ?)", boot);
    for (const Profile& profile : kept_.profiles)
      db.Run("UPDATE containers SET removed = ?, observed_until = ?, cgroup = ? WHERE key = ?",
             profile.container.removed, profile.observed_until, profile.container.cgroup,
             profile.container.key);
  }
  // A table or column that is not there: somebody else's database.
  absl::Status status = db.TakeStatus();
  return absl::IsInternal(status) ? absl::DataLossError(std::string(status.message())) : status;
}

absl::StatusOr<std::optional<CounterCursor>> SqliteStore::CursorOf(uint64_t generation) {
  Database& db = *database_;
  std::optional<CounterCursor> cursor;
  {
    Statement row = db.Prepare("SELECT ring_position FROM generations WHERE id = ?");
    row.Bind(generation);
    if (row.Next()) cursor.emplace().ring_position = row.Unsigned(0);
  }
  if (!cursor)
    return db.status().ok() ? absl::StatusOr<std::optional<CounterCursor>>(cursor)
                            : db.TakeStatus();
  cursor->generation = generation;
  Statement counter = db.Prepare(
      "SELECT counter, count, succeeded, failed, errnos, site FROM counters WHERE generation = ?");
  counter.Bind(generation);
  while (counter.Next())
    cursor->counters[counter.Text(0)] = {
        {counter.Unsigned(1), counter.Unsigned(2), counter.Unsigned(3), counter.Unsigned(4)},
        counter.Text(5)};
  Statement loss = db.Prepare("SELECT cause, count FROM counter_losses WHERE generation = ?");
  loss.Bind(generation);
  while (loss.Next()) cursor->losses[loss.Text(0)] = loss.Unsigned(1);
  if (!db.status().ok()) return db.TakeStatus();
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
