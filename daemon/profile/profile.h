// SPDX-License-Identifier: Apache-2.0
// The evidence about one container, as a value: everything the verdicts are computed from, and
// nothing else. Pure; built by the monitor from kernel events.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/model/call_stack.h"
#include "daemon/model/container.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

// Everything known about one kind of check (CheckKey without its cgroup: nested cgroups of a
// container are added up, and key.cgroup is 0 here).
struct CheckEvidence {
  CheckKey key;
  CheckCounts counts;
  TimeNs first = 0;
  TimeNs last = 0;
  // Some were made between these two, and when exactly is not known; 0: all times are exact.
  TimeNs unread_from = 0;
  TimeNs unread_to = 0;
  uint64_t unwatched = 0;      // of them, made while results of system calls were not watched
  std::string binary;          // "" until sampled
  CallStack callers;           // of the newest sample
  std::set<CallStack> stacks;  // every different `callers` sampled, bounded
  std::string comm;
  uint32_t pid = 0;
  uint32_t uid = 0;
  std::set<std::string> inner_cgroups;  // asked from below the container's own cgroup, bounded

  static constexpr size_t kMaxStacks = 4;
  static constexpr size_t kMaxInnerCgroups = 8;

  friend bool operator==(const CheckEvidence&, const CheckEvidence&) = default;
};

// An exec that ended with more than it started with, or was kept from it.
struct PrivilegeGain {
  std::string path;
  std::string how;  // "set-user-ID", "file capabilities", "root re-gain"
  CapabilitySet gained;
  bool blocked = false;  // no_new_privs stopped it
  uint64_t count = 0;

  // The same exec once more. One that was not blocked is enough.
  PrivilegeGain& operator+=(const PrivilegeGain& other) {
    gained = gained | other.gained;
    blocked = blocked && other.blocked;
    count += other.count;
    return *this;
  }
  friend bool operator==(const PrivilegeGain&, const PrivilegeGain&) = default;
};

// A file the workload executed, with its own capabilities.
struct ProgramFile {
  std::string path;
  bool known = false;  // false: they could not be read
  CapabilitySet permitted;
  bool effective = false;

  friend bool operator==(const ProgramFile&, const ProgramFile&) = default;
};

// Refused without a capability check, because a set lacked something.
struct SetRefusal {
  std::string program;  // the file not executed, or the process that asked
  std::string how;      // "exec", "capset", "ambient"
  CapabilitySet lacking;
  uint64_t count = 0;

  SetRefusal& operator+=(const SetRefusal& other) {
    lacking = lacking | other.lacking;
    count += other.count;
    return *this;
  }
  friend bool operator==(const SetRefusal&, const SetRefusal&) = default;
};

// A system call that engines' seccomp filters gate, made under a filter.
struct GatedCallUse {
  std::string comm;      // that made it first
  bool passed = false;   // some got through
  bool refused = false;  // some did not

  friend bool operator==(const GatedCallUse&, const GatedCallUse&) = default;
};

// A time in which the container ran and was not watched.
struct Gap {
  TimeNs from = 0;
  TimeNs to = 0;
  std::string reason;  // "capmond did not run"

  friend bool operator==(const Gap&, const Gap&) = default;
};

// Checks that mattered, execs, and reads from TCP connections: how much a workload was seen to do.
struct Activity {
  uint64_t at_start = 0;  // in its first minute
  uint64_t since = 0;
  TimeNs last = 0;  // of those since

  friend bool operator==(const Activity&, const Activity&) = default;
};

// Instances of a workload that were evicted, and whose evidence is in the profile that has this.
struct Folded {
  uint64_t instances = 0;                // 0: the profile is one container's
  std::map<Capability, uint64_t> users;  // how many of them needed or missed each
  // Their names, hashed, the newest last, so that they are recognised in an imported file.
  std::vector<uint64_t> ids = {};
  static constexpr size_t kMaxIds = 64;

  friend bool operator==(const Folded&, const Folded&) = default;
};

struct Profile {
  Container container;
  std::optional<HeldSets> held;                // of its first workload process
  std::map<CheckKey, CheckEvidence> checks;    // bounded by kMaxChecks
  std::map<std::string, PrivilegeGain> gains;  // by path and how
  CapabilitySet capset_permitted;         // union of what its own capset(2) calls asked to keep
  CapabilitySet raised;                   // what it added to inheritable or ambient sets
  std::string raised_by;                  // the last process that did
  std::map<uint32_t, ProgramFile> files;  // by exe number
  std::map<std::string, SetRefusal> refusals;  // by how and program
  std::map<std::string, GatedCallUse> calls;   // by system call; none but gated ones
  // Checks and execs of its own, made while system calls were not watched.
  uint64_t unwatched = 0;
  IdMap user_map;  // of the user namespace it started in; empty: not known
  std::map<std::string, std::string> surroundings;
  std::map<uint32_t, std::string> binaries;  // exe number -> path or name
  std::map<std::string, uint64_t> losses;    // by cause
  std::vector<Gap> gaps;                     // oldest first; bounded by kMaxGaps
  TimeNs observed_from = 0;
  TimeNs observed_until = 0;
  TimeNs last_news = 0;  // when evidence of a new kind last arrived
  TimeNs baseline = 0;   // alerts speak of what is new after this; 0: none yet
  // What was normal for an earlier instance of the container, as UseOf() says it: normal here.
  std::set<std::string> earlier_uses;  // bounded by kMaxEarlierUses
  // The first process of a start, and the executables that process ran: its entry point.
  uint32_t entry_pid = 0;
  std::set<uint32_t> entry_exes;  // bounded by kMaxEntryExes
  uint32_t entry_arguments = 0;   // a number for those of the first of them; 0: not known
  uint64_t starts = 0;            // starts seen from the first instruction
  uint64_t shutdowns = 0;         // ends seen: what it did until then is in the evidence
  Activity activity;              // what it did while it started, and since
  uint64_t evidence_dropped = 0;  // kinds of checks beyond kMaxChecks
  std::string backend;
  std::string kernel;
  bool outcomes = false;
  std::vector<std::string> blind_spots;
  Folded folded;

  static constexpr size_t kMaxChecks = 8192;
  static constexpr size_t kMaxGains = 256;
  static constexpr size_t kMaxBinaries = 4096;
  static constexpr size_t kMaxFiles = 4096;
  static constexpr size_t kMaxRefusals = 64;
  static constexpr size_t kMaxGaps = 64;
  static constexpr size_t kMaxEarlierUses = 512;
  static constexpr size_t kMaxEntryExes = 16;

  friend bool operator==(const Profile&, const Profile&) = default;
};

}  // namespace capmon
