// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "daemon/store/rows.h"

namespace capmon {
namespace {

using nlohmann::json;

// What is no UTF-8 would throw.
std::string ToText(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void WriteSets(Database& db, const std::string& table, const std::string& key,
               const std::optional<HeldSets>& held) {
  db.Run("DELETE FROM " + table + " WHERE container = ?", key);
  if (!held) return;
  db.Run("INSERT INTO " + table + " VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", key, held->permitted.bits(),
         held->effective.bits(), held->inheritable.bits(), held->bounding.bits(),
         held->ambient.bits(), held->uid, held->no_new_privs, held->seccomp_mode,
         held->userns_level, held->path, held->source);
}

void WriteContainer(Database& db, const Profile& p) {
  const Container& c = p.container;
  db.Run(
      "INSERT OR REPLACE INTO containers "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      c.key, static_cast<int>(c.kind), c.id, c.name, c.runtime, c.image, c.pod, c.pod_namespace,
      c.pod_uid, c.workload, c.workload_inferred, c.description, c.cgroup_path, c.cgroup,
      ToText(c.labels), c.privileged, c.first_seen, c.removed, c.from_start, c.name_source,
      p.capset_permitted.bits(), p.observed_from, p.observed_until, p.last_news, p.baseline,
      p.starts, p.evidence_dropped, ToText(p.losses));
  WriteSets(db, "granted", c.key, c.granted);
}

void WriteEvidence(Database& db, const std::string& container, const CheckEvidence& e) {
  const CheckKey& k = e.key;
  db.Run("INSERT OR REPLACE INTO evidence VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
         container, k.capability, k.granted, k.traits, static_cast<int>(k.exe_origin),
         k.target_level, k.exe, k.site, k.syscall, e.counts.count, e.counts.succeeded,
         e.counts.failed, e.counts.errnos, e.first, e.last, e.binary, ToText(e.callers),
         ToText(e.stacks), e.comm, e.pid, e.uid, ToText(e.inner_cgroups));
}

void Forget(Database& db, const std::string& container, std::initializer_list<const char*> tables) {
  for (const char* table : tables)
    db.Run(std::string("DELETE FROM ") + table + " WHERE container = ?", container);
}

void WriteDetails(Database& db, const Profile& p) {
  const std::string& key = p.container.key;
  Forget(db, key, {"gains", "binaries", "surroundings", "gaps"});
  WriteSets(db, "held", key, p.held);
  for (const auto& [name, gain] : p.gains)
    db.Run("INSERT INTO gains VALUES(?,?,?,?,?,?,?)", key, name, gain.path, gain.how,
           gain.gained.bits(), gain.blocked, gain.count);
  for (const auto& [exe, path] : p.binaries)
    db.Run("INSERT INTO binaries VALUES(?,?,?)", key, exe, path);
  for (const auto& [name, value] : p.surroundings)
    db.Run("INSERT INTO surroundings VALUES(?,?,?)", key, name, value);
  for (const Gap& gap : p.gaps)
    db.Run("INSERT INTO gaps VALUES(?,?,?,?)", key, gap.from, gap.to, gap.reason);
}

}  // namespace

void WriteChanges(Database& db, const MonitorChanges& changes) {
  if (changes.whole)
    for (const char* table :
         {"containers", "evidence", "held", "granted", "gains", "binaries", "surroundings", "gaps"})
      db.Run(std::string("DELETE FROM ") + table);
  for (const auto& [from, to] : changes.moved)
    db.Run("UPDATE cgroups SET container = ? WHERE container = ?", to, from);
  for (const std::string& key : changes.gone) {
    db.Run("DELETE FROM containers WHERE key = ?", key);
    Forget(db, key,
           {"evidence", "held", "granted", "gains", "binaries", "surroundings", "gaps", "cgroups"});
  }
  for (const MonitorChanges::Changed& changed : changes.profiles) {
    WriteContainer(db, changed.profile);
    if (changed.details) WriteDetails(db, changed.profile);
    if (changed.replaced) Forget(db, changed.profile.container.key, {"evidence"});
    for (const auto& [key, evidence] : changed.profile.checks)
      WriteEvidence(db, changed.profile.container.key, evidence);
  }
  for (const auto& [id, place] : changes.cgroups) {
    if (place)
      db.Run("INSERT OR REPLACE INTO cgroups VALUES(?,?,?)", id, place->container, place->path);
    else
      db.Run("DELETE FROM cgroups WHERE id = ?", id);
  }
  db.Run("INSERT OR REPLACE INTO facts VALUES('time', ?)", changes.time);
}

}  // namespace capmon
