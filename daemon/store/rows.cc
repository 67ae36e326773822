// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/rows.h"

#include "daemon/encode/encode_alert.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"

namespace capmon {
namespace {

using Profiles = std::map<std::string, Profile>;

template <typename Table>
void Forget(Database& db, const std::string& container) {
  static const std::string sql =
      std::string("DELETE FROM ") + Table::kName + " WHERE container = ?";
  db.Run(sql, container);
}

template <typename... Tables>
void ForgetAll(Database& db, const std::string& container, std::tuple<Tables...>) {
  (Forget<Tables>(db, container), ...);
}

template <typename... Tables>
void Clear(Database& db, std::tuple<Tables...>) {
  (db.Run(std::string("DELETE FROM ") + Tables::kName), ...);
}

template <typename Table>
void ReplaceSets(Database& db, const std::string& container, const std::optional<HeldSets>& held) {
  Forget<Table>(db, container);
  if (held) Insert<Table>(db, container, *held);
}

void WriteDetails(Database& db, const Profile& p) {
  const std::string& key = p.container.key;
  ForgetAll(db, key,
            std::tuple<GainsTable, BinariesTable, FilesTable, RefusalsTable, CallsTable,
                       SurroundingsTable, GapsTable>());
  ReplaceSets<HeldTable>(db, key, p.held);
  for (const auto& [name, gain] : p.gains) Insert<GainsTable>(db, key, name, gain);
  for (const auto& [exe, path] : p.binaries) Insert<BinariesTable>(db, key, exe, path);
  for (const auto& [exe, file] : p.files) Insert<FilesTable>(db, key, exe, file);
  for (const auto& [name, refusal] : p.refusals) Insert<RefusalsTable>(db, key, name, refusal);
  for (const auto& [syscall, use] : p.calls) Insert<CallsTable>(db, key, syscall, use);
  for (const auto& [name, value] : p.surroundings) Insert<SurroundingsTable>(db, key, name, value);
  for (const Gap& gap : p.gaps) Insert<GapsTable>(db, key, gap);
}

// Passes rows of a container that has no row of its own over.
template <typename Table, typename Function>
void ReadOwned(Database& db, Profiles& profiles, const Function& add,
               const std::string& order = "") {
  ForEachRow<Table>(db, order, [&](const std::string& container, auto&... values) {
    const auto owner = profiles.find(container);
    if (owner != profiles.end()) add(owner->second, values...);
  });
}

void ReadDetails(Database& db, Profiles& profiles) {
  ReadOwned<EvidenceTable>(db, profiles, [](Profile& p, CheckEvidence& evidence) {
    if (p.checks.size() >= Profile::kMaxChecks) return;
    const CheckKey key = evidence.key;
    p.checks[key] = std::move(evidence);
  });
  ReadOwned<HeldTable>(db, profiles, [](Profile& p, HeldSets& held) { p.held = std::move(held); });
  ReadOwned<GrantedTable>(
      db, profiles, [](Profile& p, HeldSets& held) { p.container.granted = std::move(held); });
  ReadOwned<GainsTable>(db, profiles, [](Profile& p, std::string& name, PrivilegeGain& gain) {
    p.gains[name] = std::move(gain);
  });
  ReadOwned<BinariesTable>(db, profiles, [](Profile& p, uint32_t exe, std::string& path) {
    p.binaries[exe] = std::move(path);
  });
  ReadOwned<FilesTable>(db, profiles, [](Profile& p, uint32_t exe, ProgramFile& file) {
    p.files[exe] = std::move(file);
  });
  ReadOwned<RefusalsTable>(db, profiles, [](Profile& p, std::string& name, SetRefusal& refusal) {
    p.refusals[name] = std::move(refusal);
  });
  ReadOwned<CallsTable>(db, profiles, [](Profile& p, std::string& syscall, GatedCallUse& use) {
    p.calls[syscall] = std::move(use);
  });
  ReadOwned<SurroundingsTable>(db, profiles, [](Profile& p, std::string& name, std::string& value) {
    p.surroundings[name] = std::move(value);
  });
  ReadOwned<GapsTable>(
      db, profiles, [](Profile& p, Gap& gap) { p.gaps.push_back(std::move(gap)); },
      "ORDER BY rowid");
}

void WriteImported(Database& db, const MonitorChanges& changes) {
  for (const auto& [key, row] : changes.imported) {
    if (row)
      Insert<ImportedTable>(db, key, *row);
    else
      db.Run("DELETE FROM imported WHERE workload = ? AND digest = ? AND instance = ?",
             key.workload, key.digest, key.instance);
  }
}

void WriteProofs(Database& db, const MonitorChanges& changes) {
  for (const auto& [key, proof] : changes.proofs) {
    if (proof)
      Insert<ProofsTable>(db, key, *proof);
    else
      db.Run("DELETE FROM proofs WHERE workload = ? AND capability = ?", key.workload,
             key.capability);
  }
}

}  // namespace

void WriteContainer(Database& db, const Profile& p) {
  Insert<ContainersTable>(db, p);
  ReplaceSets<GrantedTable>(db, p.container.key, p.container.granted);
}

void WriteChanges(Database& db, const MonitorChanges& changes) {
  if (changes.whole) {
    Clear(db, std::tuple<ContainersTable>());
    Clear(db, OwnedTables());
  }
  for (const auto& [from, to] : changes.moved)
    db.Run("UPDATE cgroups SET container = ? WHERE container = ?", to, from);
  for (const std::string& key : changes.gone) {
    db.Run("DELETE FROM containers WHERE key = ?", key);
    ForgetAll(db, key, OwnedTables());
    Forget<CgroupsTable>(db, key);
  }
  for (const MonitorChanges::Changed& changed : changes.profiles) {
    const std::string& key = changed.profile.container.key;
    WriteContainer(db, changed.profile);
    if (changed.details) WriteDetails(db, changed.profile);
    if (changed.replaced) Forget<EvidenceTable>(db, key);
    for (const auto& [check, evidence] : changed.profile.checks)
      Insert<EvidenceTable>(db, key, evidence);
  }
  for (const auto& [id, place] : changes.cgroups) {
    if (place)
      Insert<CgroupsTable>(db, id, *place);
    else
      db.Run("DELETE FROM cgroups WHERE id = ?", id);
  }
  for (const auto& [workload, approval] : changes.approvals) {
    if (approval)
      Insert<ApprovalsTable>(db, workload, *approval);
    else
      db.Run("DELETE FROM approvals WHERE workload = ?", workload);
  }
  for (const auto& [id, alert] : changes.alerts) {
    if (alert)
      Insert<AlertsTable>(db, id, alert->first,
                          EncodeAlert(AlertFormat::kNative, {"", 0, *alert}, {}));
    else
      db.Run("DELETE FROM alerts WHERE id = ?", id);
  }
  WriteImported(db, changes);
  WriteProofs(db, changes);
  WriteFact(db, "time", changes.time);
}

MonitorState ReadState(Database& db) {
  MonitorState state;
  Profiles profiles;
  ForEachRow<ContainersTable>(db, "", [&](Profile& profile) {
    const std::string key = profile.container.key;
    profiles[key] = std::move(profile);
  });
  ReadDetails(db, profiles);
  for (auto& [key, profile] : profiles) state.profiles.push_back(std::move(profile));
  ForEachRow<CgroupsTable>(
      db, "", [&](CgroupId id, CgroupPlace& place) { state.cgroups[id] = std::move(place); });
  ForEachRow<ApprovalsTable>(db, "", [&](std::string& workload, Approval& approval) {
    if (state.approvals.size() < kMaxApprovals) state.approvals[workload] = std::move(approval);
  });
  // One that cannot be read is left out: it is only a message.
  ForEachRow<AlertsTable>(db, "ORDER BY first", [&](std::string&, TimeNs, std::string& line) {
    if (auto message = ParseNativeAlert(line); message.ok())
      state.alerts.push_back(std::move(message->alert));
  });
  ForEachRow<ImportedTable>(db, "", [&](ImportedKey& key, ImportedRow& row) {
    if (state.imported.size() < kMaxImportedRows) state.imported[std::move(key)] = std::move(row);
  });
  // A finding of a newer capmond settles nothing here.
  ForEachRow<ProofsTable>(db, "", [&](ProofKey& key, Proof& proof) {
    const bool known =
        key.capability < kMaxCapabilities &&
        static_cast<unsigned>(proof.finding) <= static_cast<unsigned>(ProofFinding::kUnneeded);
    if (known && state.proofs.size() < kMaxProofs) state.proofs[std::move(key)] = std::move(proof);
  });
  Statement time = db.Prepare("SELECT value FROM facts WHERE name = 'time'");
  if (time.Next()) state.time = time.Int(0);
  return state;
}

void WriteCursor(Database& db, const CursorChanges& changes) {
  const CounterCursor& cursor = changes.cursor;
  db.Run("DELETE FROM counters WHERE generation != ?", cursor.generation);
  db.Run("DELETE FROM counter_losses WHERE generation != ?", cursor.generation);
  db.Run("DELETE FROM generations WHERE id != ?", cursor.generation);
  if (cursor.generation == 0) return;
  Insert<GenerationsTable>(db, cursor.generation, cursor.ring_position);
  if (changes.whole) db.Run("DELETE FROM counters WHERE generation = ?", cursor.generation);
  for (const std::string& counter : changes.freed)
    db.Run("DELETE FROM counters WHERE generation = ? AND counter = ?", cursor.generation, counter);
  for (const auto& [counter, delivered] : cursor.counters)
    Insert<CountersTable>(db, cursor.generation, counter, delivered);
  for (const auto& [cause, count] : cursor.losses)
    Insert<CounterLossesTable>(db, cursor.generation, cause, count);
}

std::optional<CounterCursor> ReadCursor(Database& db, uint64_t generation) {
  std::optional<CounterCursor> cursor;
  ForEachRow<GenerationsTable>(
      db, "WHERE id = ?",
      [&](uint64_t id, uint64_t ring_position) {
        cursor = CounterCursor{id, {}, {}, ring_position};
      },
      generation);
  if (!cursor) return cursor;
  ForEachRow<CountersTable>(
      db, "WHERE generation = ?",
      [&](uint64_t, std::string& counter, CounterCursor::Delivered& delivered) {
        cursor->counters[counter] = std::move(delivered);
      },
      generation);
  ForEachRow<CounterLossesTable>(
      db, "WHERE generation = ?",
      [&](uint64_t, std::string& cause, uint64_t count) { cursor->losses[cause] = count; },
      generation);
  return cursor;
}

}  // namespace capmon
