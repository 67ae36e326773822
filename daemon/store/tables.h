// SPDX-License-Identifier: Apache-2.0
// Every table's columns, each described once for writing and reading.
//
// A field added to Profile, Container, CheckEvidence, PrivilegeGain or HeldSets outlives capmond
// with two lines: one here, `column("new_field", p.new_field)`, and one migration at the end of
// migrations.cc, "ALTER TABLE containers ADD COLUMN new_field INTEGER". What an earlier capmond
// wrote then reads as 0, false, "" or empty; another value needs a DEFAULT in the migration.
// HeldSets stand in two tables, held and granted: alter both.
//
// A part added to CheckKey has its line in KeyColumns, and its migration makes the index
// evidence_key anew with it, or two kinds of checks would share a row.
//
// store_migration_test fails when a line here has no column in the database, or the reverse.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "daemon/model/counter_cursor.h"
#include "daemon/monitor_changes.h"

namespace capmon {

inline void to_json(nlohmann::json& json, const CallStack& stack) { json = stack.functions(); }

inline void from_json(const nlohmann::json& json, CallStack& stack) {
  stack = json.get<std::vector<std::string>>();
}

inline void to_json(nlohmann::json& json, const CallFilter& filter) {
  json = {filter.present, filter.allows};
}
inline void from_json(const nlohmann::json& json, CallFilter& filter) {
  filter = {json.at(0).get<bool>(), json.at(1).get<GatedCallSet>()};
}

inline void to_json(nlohmann::json& json, const IdRange& range) {
  json = {range.inside, range.outside, range.count};
}
inline void from_json(const nlohmann::json& json, IdRange& range) {
  range = {json.at(0).get<uint32_t>(), json.at(1).get<uint32_t>(), json.at(2).get<uint32_t>()};
}

struct ContainersTable {
  static constexpr char kName[] = "containers";
  using Row = std::tuple<Profile>;
  static void Columns(auto& column, auto& p) {
    column("key", p.container.key);
    column("kind", p.container.kind);
    column("id", p.container.id);
    column("name", p.container.name);
    column("runtime", p.container.runtime);
    column("image", p.container.image);
    column("pod", p.container.pod);
    column("pod_namespace", p.container.pod_namespace);
    column("pod_uid", p.container.pod_uid);
    column("workload", p.container.workload);
    column("workload_inferred", p.container.workload_inferred);
    column("description", p.container.description);
    column("cgroup_path", p.container.cgroup_path);
    column("cgroup", p.container.cgroup);
    column("labels", p.container.labels);
    column("privileged", p.container.privileged);
    column("first_seen", p.container.first_seen);
    column("removed", p.container.removed);
    column("from_start", p.container.from_start);
    column("name_source", p.container.name_source);
    column("capset_permitted", p.capset_permitted);
    column("observed_from", p.observed_from);
    column("observed_until", p.observed_until);
    column("last_news", p.last_news);
    column("baseline", p.baseline);
    column("earlier_uses", p.earlier_uses);
    column("entry_pid", p.entry_pid);
    column("entry_exes", p.entry_exes);
    column("starts", p.starts);
    column("evidence_dropped", p.evidence_dropped);
    column("losses", p.losses);
    column("root", p.container.root);
    column("filter", p.container.filter);
    column("raised", p.raised);
    column("raised_by", p.raised_by);
    column("active_at_start", p.activity.at_start);
    column("active_since", p.activity.since);
    column("active_last", p.activity.last);
    column("unwatched", p.unwatched);
    column("user_map", p.user_map);
    column("image_digest", p.container.image_digest);
    column("entrypoint", p.container.entrypoint);
    column("workload_label", p.container.workload_label);
    column("folded_instances", p.folded.instances);
    column("folded_users", p.folded.users);
    column("shutdowns", p.shutdowns);
    column("folded_ids", p.folded.ids);
    column("entry_arguments", p.entry_arguments);
    column("command", p.container.command);
    column("engine", p.container.engine);
    column("ran_before", p.container.ran_before);
  }
};

void KeyColumns(auto& column, auto& key) {
  column("capability", key.capability);
  column("granted", key.granted);
  column("traits", key.traits);
  column("exe_origin", key.exe_origin);
  column("target_level", key.target_level);
  column("cred_depth", key.cred_depth);
  column("exe", key.exe);
  column("site", key.site);
  column("syscall", key.syscall);
}

void CountColumns(auto& column, auto& counts) {
  column("count", counts.count);
  column("succeeded", counts.succeeded);
  column("failed", counts.failed);
  column("errnos", counts.errnos);
}

struct EvidenceTable {
  static constexpr char kName[] = "evidence";
  using Row = std::tuple<std::string, CheckEvidence>;
  static void Columns(auto& column, auto& container, auto& e) {
    column("container", container);
    KeyColumns(column, e.key);
    CountColumns(column, e.counts);
    column("first", e.first);
    column("last", e.last);
    column("unread_from", e.unread_from);
    column("unread_to", e.unread_to);
    column("unwatched", e.unwatched);
    column("binary", e.binary);
    column("callers", e.callers);
    column("stacks", e.stacks);
    column("comm", e.comm);
    column("pid", e.pid);
    column("uid", e.uid);
    column("inner_cgroups", e.inner_cgroups);
  }
};

struct HeldTable {
  static constexpr char kName[] = "held";
  using Row = std::tuple<std::string, HeldSets>;
  static void Columns(auto& column, auto& container, auto& held) {
    column("container", container);
    column("permitted", held.permitted);
    column("effective", held.effective);
    column("inheritable", held.inheritable);
    column("bounding", held.bounding);
    column("ambient", held.ambient);
    column("uid", held.uid);
    column("no_new_privs", held.no_new_privs);
    column("seccomp_mode", held.seccomp_mode);
    column("userns_level", held.userns_level);
    column("path", held.path);
    column("source", held.source);
  }
};

struct GrantedTable : HeldTable {
  static constexpr char kName[] = "granted";
};

struct GainsTable {
  static constexpr char kName[] = "gains";
  using Row = std::tuple<std::string, std::string, PrivilegeGain>;
  static void Columns(auto& column, auto& container, auto& name, auto& gain) {
    column("container", container);
    column("name", name);
    column("path", gain.path);
    column("how", gain.how);
    column("gained", gain.gained);
    column("blocked", gain.blocked);
    column("count", gain.count);
  }
};

struct BinariesTable {
  static constexpr char kName[] = "binaries";
  using Row = std::tuple<std::string, uint32_t, std::string>;
  static void Columns(auto& column, auto& container, auto& exe, auto& path) {
    column("container", container);
    column("exe", exe);
    column("path", path);
  }
};

struct FilesTable {
  static constexpr char kName[] = "files";
  using Row = std::tuple<std::string, uint32_t, ProgramFile>;
  static void Columns(auto& column, auto& container, auto& exe, auto& file) {
    column("container", container);
    column("exe", exe);
    column("path", file.path);
    column("known", file.known);
    column("permitted", file.permitted);
    column("effective", file.effective);
  }
};

struct RefusalsTable {
  static constexpr char kName[] = "refusals";
  using Row = std::tuple<std::string, std::string, SetRefusal>;
  static void Columns(auto& column, auto& container, auto& name, auto& refusal) {
    column("container", container);
    column("name", name);
    column("program", refusal.program);
    column("how", refusal.how);
    column("lacking", refusal.lacking);
    column("count", refusal.count);
  }
};

struct CallsTable {
  static constexpr char kName[] = "calls";
  using Row = std::tuple<std::string, std::string, GatedCallUse>;
  static void Columns(auto& column, auto& container, auto& syscall, auto& use) {
    column("container", container);
    column("syscall", syscall);
    column("comm", use.comm);
    column("passed", use.passed);
    column("refused", use.refused);
  }
};

struct SurroundingsTable {
  static constexpr char kName[] = "surroundings";
  using Row = std::tuple<std::string, std::string, std::string>;
  static void Columns(auto& column, auto& container, auto& name, auto& value) {
    column("container", container);
    column("name", name);
    column("value", value);
  }
};

// What a person approved of a workload.
struct ApprovalsTable {
  static constexpr char kName[] = "approvals";
  using Row = std::tuple<std::string, Approval>;
  static void Columns(auto& column, auto& workload, auto& approval) {
    column("workload", workload);
    column("approver", approval.by);
    column("at", approval.at);
    column("digest", approval.digest);
    column("uses", approval.uses);
    column("needed", approval.needed);
  }
};

// What people imported from files.
struct ImportedTable {
  static constexpr char kName[] = "imported";
  using Row = std::tuple<ImportedKey, ImportedRow>;
  static void Columns(auto& column, auto& key, auto& row) {
    column("workload", key.workload);
    column("digest", key.digest);
    column("instance", key.instance);
    column("observed", row.observed);
    column("stable", row.stable);
    column("declared", row.declared);
    column("starts", row.starts);
    column("lost", row.lost);
    column("no_new_privileges", row.no_new_privileges);
    column("non_root", row.non_root);
    column("needs", row.needs);
    column("unknown", row.unknown);
    column("unneeded", row.unneeded);
    column("denied", row.denied);
    column("surroundings", row.surroundings);
    column("file", row.file);
    column("importer", row.by);
    column("at", row.at);
  }
};

// What runs of a workload without a capability showed.
struct ProofsTable {
  static constexpr char kName[] = "proofs";
  using Row = std::tuple<ProofKey, Proof>;
  static void Columns(auto& column, auto& key, auto& proof) {
    column("workload", key.workload);
    column("capability", key.capability);
    column("finding", proof.finding);
    column("reason", proof.reason);
    column("digest", proof.digest);
    column("keep", proof.keep);
    column("uses", proof.uses);
    column("check_command", proof.check);
    column("version", proof.version);
    column("recorder", proof.by);
    column("at", proof.at);
    column("also_needed_by", proof.also_needed_by);
    column("conditions", proof.conditions);
    column("sequence", proof.sequence);
  }
};

// An alert, as a line of native JSON.
struct AlertsTable {
  static constexpr char kName[] = "alerts";
  using Row = std::tuple<std::string, TimeNs, std::string>;
  static void Columns(auto& column, auto& id, auto& first, auto& line) {
    column("id", id);
    column("first", first);
    column("line", line);
  }
};

struct GapsTable {
  static constexpr char kName[] = "gaps";
  using Row = std::tuple<std::string, Gap>;
  static void Columns(auto& column, auto& container, auto& gap) {
    column("container", container);
    column("begun", gap.from);
    column("ended", gap.to);
    column("reason", gap.reason);
  }
};

struct CgroupsTable {
  static constexpr char kName[] = "cgroups";
  using Row = std::tuple<CgroupId, CgroupPlace>;
  static void Columns(auto& column, auto& id, auto& place) {
    column("id", id);
    column("container", place.container);
    column("path", place.path);
  }
};

// How far a generation of pinned programs is in the evidence: its place in the ring, ...
struct GenerationsTable {
  static constexpr char kName[] = "generations";
  using Row = std::tuple<uint64_t, uint64_t>;
  static void Columns(auto& column, auto& generation, auto& ring_position) {
    column("id", generation);
    column("ring_position", ring_position);
  }
};

// ... its counters, ...
struct CountersTable {
  static constexpr char kName[] = "counters";
  using Row = std::tuple<uint64_t, std::string, CounterCursor::Delivered>;
  static void Columns(auto& column, auto& generation, auto& counter, auto& delivered) {
    column("generation", generation);
    column("counter", counter);
    CountColumns(column, delivered.counts);
    column("site", delivered.site);
  }
};

// ... and its losses.
struct CounterLossesTable {
  static constexpr char kName[] = "counter_losses";
  using Row = std::tuple<uint64_t, std::string, uint64_t>;
  static void Columns(auto& column, auto& generation, auto& cause, auto& count) {
    column("generation", generation);
    column("cause", cause);
    column("count", count);
  }
};

// Those whose rows belong to a container (column "container") and leave with it, apart from
// cgroups, which may be another container's by then.
using OwnedTables = std::tuple<EvidenceTable, HeldTable, GrantedTable, GainsTable, BinariesTable,
                               FilesTable, RefusalsTable, CallsTable, SurroundingsTable, GapsTable>;
using AllTables = decltype(std::tuple_cat(
    OwnedTables(),
    std::tuple<ContainersTable, CgroupsTable, GenerationsTable, CountersTable, CounterLossesTable,
               ApprovalsTable, AlertsTable, ImportedTable, ProofsTable>()));

}  // namespace capmon
