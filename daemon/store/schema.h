// SPDX-License-Identifier: Apache-2.0
// The tables. Rows, not blobs: one container's evidence can be asked for and replaced by itself.
// Numbers of 64 bits are stored as SQLite's signed ones; lists of words as JSON.
#pragma once

namespace capmon {

// Bump with every change of the tables: a database of another version is set aside.
inline constexpr int kSchemaVersion = 1;

inline constexpr char kSchema[] = R"(
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
)";

}  // namespace capmon
