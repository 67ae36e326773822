// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/migrations.h"

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

// Each entry brings a database from the version before to the next; the first makes the tables.
// Append only: an entry that is in a released capmond never changes. tables.h says what goes with
// a new column.
constexpr const char* kMigrations[] = {
    // 1
    R"(
CREATE TABLE facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE containers(
  key TEXT PRIMARY KEY, kind INTEGER, id TEXT, name TEXT, runtime TEXT, image TEXT, pod TEXT,
  pod_namespace TEXT, pod_uid TEXT, workload TEXT, workload_inferred INTEGER, description TEXT,
  cgroup_path TEXT, cgroup INTEGER, labels TEXT,
  privileged INTEGER, first_seen INTEGER, removed INTEGER, from_start INTEGER, name_source TEXT,
  capset_permitted INTEGER, observed_from INTEGER, observed_until INTEGER, last_news INTEGER,
  baseline INTEGER, starts INTEGER, evidence_dropped INTEGER, losses TEXT) WITHOUT ROWID;
CREATE TABLE evidence(
  container TEXT, capability INTEGER, granted INTEGER, traits INTEGER, exe_origin INTEGER,
  target_level INTEGER, exe INTEGER, site TEXT, syscall TEXT, count INTEGER, succeeded INTEGER,
  failed INTEGER, errnos INTEGER, first INTEGER, last INTEGER, binary TEXT, callers TEXT,
  stacks TEXT, comm TEXT, pid INTEGER, uid INTEGER, inner_cgroups TEXT,
  PRIMARY KEY(container, capability, granted, traits, exe_origin, target_level, exe, site, syscall))
  WITHOUT ROWID;
CREATE TABLE held(
  container TEXT PRIMARY KEY, permitted INTEGER, effective INTEGER, inheritable INTEGER,
  bounding INTEGER, ambient INTEGER, uid INTEGER, no_new_privs INTEGER, seccomp_mode INTEGER,
  userns_level INTEGER, path TEXT, source TEXT) WITHOUT ROWID;
CREATE TABLE granted(
  container TEXT PRIMARY KEY, permitted INTEGER, effective INTEGER, inheritable INTEGER,
  bounding INTEGER, ambient INTEGER, uid INTEGER, no_new_privs INTEGER, seccomp_mode INTEGER,
  userns_level INTEGER, path TEXT, source TEXT) WITHOUT ROWID;
CREATE TABLE gains(
  container TEXT, name TEXT, path TEXT, how TEXT, gained INTEGER, blocked INTEGER, count INTEGER,
  PRIMARY KEY(container, name)) WITHOUT ROWID;
CREATE TABLE binaries(
  container TEXT, exe INTEGER, path TEXT, PRIMARY KEY(container, exe)) WITHOUT ROWID;
CREATE TABLE surroundings(
  container TEXT, name TEXT, value TEXT, PRIMARY KEY(container, name)) WITHOUT ROWID;
CREATE TABLE gaps(container TEXT, begun INTEGER, ended INTEGER, reason TEXT);
CREATE INDEX gaps_of ON gaps(container);
CREATE TABLE cgroups(id INTEGER PRIMARY KEY, container TEXT, path TEXT);
CREATE INDEX cgroups_of ON cgroups(container);
CREATE TABLE counters(
  generation INTEGER, counter TEXT, count INTEGER, succeeded INTEGER, failed INTEGER,
  errnos INTEGER, site TEXT, PRIMARY KEY(generation, counter)) WITHOUT ROWID;
CREATE TABLE counter_losses(
  generation INTEGER, cause TEXT, count INTEGER, PRIMARY KEY(generation, cause)) WITHOUT ROWID;
CREATE TABLE generations(id INTEGER PRIMARY KEY, ring_position INTEGER);
)",
    // 2: the key of evidence is an index, which can be made anew when the key gets another part.
    R"(
ALTER TABLE evidence RENAME TO evidence_1;
CREATE TABLE evidence(
  container TEXT, capability INTEGER, granted INTEGER, traits INTEGER, exe_origin INTEGER,
  target_level INTEGER, exe INTEGER, site TEXT, syscall TEXT, count INTEGER, succeeded INTEGER,
  failed INTEGER, errnos INTEGER, first INTEGER, last INTEGER, binary TEXT, callers TEXT,
  stacks TEXT, comm TEXT, pid INTEGER, uid INTEGER, inner_cgroups TEXT);
INSERT INTO evidence(
  container, capability, granted, traits, exe_origin, target_level, exe, site, syscall, count,
  succeeded, failed, errnos, first, last, binary, callers, stacks, comm, pid, uid, inner_cgroups)
SELECT
  container, capability, granted, traits, exe_origin, target_level, exe, site, syscall, count,
  succeeded, failed, errnos, first, last, binary, callers, stacks, comm, pid, uid, inner_cgroups
FROM evidence_1;
DROP TABLE evidence_1;
CREATE UNIQUE INDEX evidence_key ON evidence(
  container, capability, granted, traits, exe_origin, target_level, exe, site, syscall);
)",
    // 3: needs that no check shows.
    R"(
ALTER TABLE containers ADD COLUMN root TEXT DEFAULT '';
ALTER TABLE containers ADD COLUMN filter TEXT;
ALTER TABLE containers ADD COLUMN raised INTEGER DEFAULT 0;
ALTER TABLE containers ADD COLUMN raised_by TEXT DEFAULT '';
CREATE TABLE files(
  container TEXT, exe INTEGER, path TEXT, known INTEGER, permitted INTEGER, effective INTEGER,
  PRIMARY KEY(container, exe)) WITHOUT ROWID;
CREATE TABLE refusals(
  container TEXT, name TEXT, program TEXT, how TEXT, lacking INTEGER, count INTEGER,
  PRIMARY KEY(container, name)) WITHOUT ROWID;
CREATE TABLE calls(
  container TEXT, syscall TEXT, comm TEXT, passed INTEGER, refused INTEGER,
  PRIMARY KEY(container, syscall)) WITHOUT ROWID;
)",
    // 4: whose credentials were checked is a part of the key.
    R"(
ALTER TABLE evidence ADD COLUMN cred_depth INTEGER NOT NULL DEFAULT 0;
DROP INDEX evidence_key;
CREATE UNIQUE INDEX evidence_key ON evidence(
  container, capability, granted, traits, exe_origin, target_level, cred_depth, exe, site, syscall);
)",
    // 5: what was normal before, and what the container was started with.
    R"(
ALTER TABLE containers ADD COLUMN earlier_uses TEXT;
ALTER TABLE containers ADD COLUMN entry_pid INTEGER;
ALTER TABLE containers ADD COLUMN entry_exes TEXT;
)",
    // 6: how much a workload did, and which times are not exact.
    R"(
ALTER TABLE containers ADD COLUMN active_at_start INTEGER DEFAULT 0;
ALTER TABLE containers ADD COLUMN active_since INTEGER DEFAULT 0;
ALTER TABLE containers ADD COLUMN active_last INTEGER DEFAULT 0;
ALTER TABLE evidence ADD COLUMN unread_from INTEGER DEFAULT 0;
ALTER TABLE evidence ADD COLUMN unread_to INTEGER DEFAULT 0;
)",
    // 7: what was done while system calls were not watched, and which user is which outside.
    R"(
ALTER TABLE containers ADD COLUMN unwatched INTEGER DEFAULT 0;
ALTER TABLE containers ADD COLUMN user_map TEXT;
)",
    // 8: what tells workloads and versions of their images apart.
    R"(
ALTER TABLE containers ADD COLUMN image_digest TEXT DEFAULT '';
ALTER TABLE containers ADD COLUMN entrypoint TEXT DEFAULT '';
ALTER TABLE containers ADD COLUMN workload_label TEXT DEFAULT '';
)",
    // 9: which checks were made while system calls were not watched.
    R"(
ALTER TABLE evidence ADD COLUMN unwatched INTEGER DEFAULT 0;
)",
    // 10: what is left of evicted instances, and what people approved.
    R"(
ALTER TABLE containers ADD COLUMN folded_instances INTEGER DEFAULT 0;
ALTER TABLE containers ADD COLUMN folded_users TEXT;
CREATE TABLE approvals(
  workload TEXT PRIMARY KEY, approver TEXT, at INTEGER, digest TEXT, uses TEXT) WITHOUT ROWID;
)",
    // 11: alerts.
    R"(
CREATE TABLE alerts(id TEXT PRIMARY KEY, first INTEGER, line TEXT) WITHOUT ROWID;
)",
    // 12: what makes a profile complete, and what people imported from files.
    R"(
ALTER TABLE containers ADD COLUMN shutdowns INTEGER DEFAULT 0;
ALTER TABLE approvals ADD COLUMN needed INTEGER;
CREATE TABLE imported(
  workload TEXT, digest TEXT, instance TEXT, observed INTEGER, stable INTEGER, declared INTEGER,
  starts INTEGER, lost INTEGER, no_new_privileges INTEGER, non_root INTEGER, needs TEXT,
  unknown INTEGER, unneeded INTEGER, denied INTEGER, surroundings TEXT, file TEXT, importer TEXT,
  at INTEGER, PRIMARY KEY(workload, digest, instance)) WITHOUT ROWID;
)",
    // 13: which instances were folded.
    R"(
ALTER TABLE containers ADD COLUMN folded_ids TEXT;
)",
    // 14: what trials proved.
    R"(
CREATE TABLE proofs(
  workload TEXT, capability INTEGER, finding INTEGER, reason TEXT, digest TEXT, keep INTEGER,
  uses TEXT, check_command TEXT, version TEXT, recorder TEXT, at INTEGER,
  PRIMARY KEY(workload, capability)) WITHOUT ROWID;
)",
    // 15: what containers are started with, and under which conditions proofs were found.
    R"(
ALTER TABLE containers ADD COLUMN entry_arguments INTEGER DEFAULT 0;
ALTER TABLE containers ADD COLUMN command TEXT DEFAULT '';
ALTER TABLE proofs ADD COLUMN also_needed_by TEXT;
ALTER TABLE proofs ADD COLUMN conditions TEXT;
ALTER TABLE proofs ADD COLUMN sequence INTEGER DEFAULT 0;
)",
    // 16: which of several engines started a container, and whether it ran before.
    R"(
ALTER TABLE containers ADD COLUMN engine TEXT DEFAULT '';
ALTER TABLE containers ADD COLUMN ran_before INTEGER DEFAULT 0;
)",
};

int64_t Ask(Database& database, const char* question) {
  Statement row = database.Prepare(question);
  return row.Next() ? row.Int(0) : 0;
}

}  // namespace

int SchemaVersion() { return static_cast<int>(std::size(kMigrations)); }

absl::Status Migrate(Database& db) {
  const int64_t version = Ask(db, "PRAGMA user_version");
  const int64_t tables = Ask(db, "SELECT count(*) FROM sqlite_master");
  if (!db.status().ok()) return db.TakeStatus();
  if (version < 0 || (version == 0 && tables != 0))
    return absl::DataLossError(absl::StrCat(db.path(), " is not a database of capmond"));
  if (version > SchemaVersion())
    return absl::DataLossError(absl::StrCat(db.path(), " has layout ", version,
                                            ", of a newer capmond; this one knows layouts up to ",
                                            SchemaVersion()));
  if (version == SchemaVersion()) return absl::OkStatus();
  db.RunScript("BEGIN IMMEDIATE");
  for (int64_t next = version; next < SchemaVersion(); ++next) db.RunScript(kMigrations[next]);
  db.RunScript(absl::StrCat("PRAGMA user_version = ", SchemaVersion(), "; COMMIT").c_str());
  const absl::Status status = db.TakeStatus();
  if (status.ok()) return status;
  db.RunScript("ROLLBACK");
  (void)db.TakeStatus();  // there may be nothing to roll back
  // A table or column that is not there: it was never what its version says.
  return absl::Status(
      absl::IsInternal(status) ? absl::StatusCode::kDataLoss : status.code(),
      absl::StrCat("bring layout ", version, " to ", SchemaVersion(), ": ", status.message()));
}

}  // namespace capmon
