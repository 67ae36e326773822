// SPDX-License-Identifier: Apache-2.0
// Everything that changes the monitor, from the live kernel, a recording or a request alike. What
// already existed at start arrives as the same events (existing = true), so a recording is
// complete.
//
// Times are wall-clock nanoseconds since 1970. Counts are increments since the previous event for
// the same key, never totals.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/model/capability.h"
#include "daemon/model/gated_calls.h"
#include "daemon/model/held_sets.h"

namespace capmon {

using TimeNs = int64_t;
inline constexpr TimeNs kSecond = 1'000'000'000;
using CgroupId = uint64_t;

// Properties of one kind of check; a bit set.
enum Trait : uint16_t {
  kOptionsKnown = 1 << 0,    // the back end saw the kernel's option bits
  kNoAudit = 1 << 1,         // CAP_OPT_NOAUDIT
  kInSetId = 1 << 2,         // CAP_OPT_INSETID
  kHeld = 1 << 3,            // the bit is in the task's own effective set
  kCredOverridden = 1 << 4,  // overridden credentials: overlayfs, access(2) ...
  kCredOther = 1 << 5,       // credentials of an open file or of another task
  kIoWorker = 1 << 6,        // io_uring worker: system call and outcome unknown
  kCompat = 1 << 7,          // 32-bit system call
  kCollapsed = 1 << 8,       // over the key quota: without site, system call and binary
  kHarmless = 1 << 9,        // its operands show that the call needed no capability
  kProtects = 1 << 10,       // the call succeeds without it, but keeps an old id
  // Granted because the task owns the user namespace, without the capability.
  kByOwnership = 1 << 11,
  kCredOwn = 1 << 12,  // swapped or other credentials, but none beyond the container's own
};

// The mount namespace of the running executable's mount, seen from the task. The last two are like
// kNone and kHost, but the task, or an ancestor, executed a program of the container before.
enum class ExeOrigin : uint8_t { kUnknown, kHost, kNone, kOwn, kElsewhere, kMemory, kOutside };

// One kind of check in one cgroup. `site`: the kernel function that made the check ("inet_create"),
// without compiler suffixes; empty if unknown. `syscall`: its name ("bind"); empty outside of
// system calls. `exe` distinguishes binaries; samples have the names.
struct CheckKey {
  CgroupId cgroup = 0;
  Capability capability = 0;
  bool granted = false;
  uint16_t traits = 0;
  ExeOrigin exe_origin = ExeOrigin::kUnknown;
  uint8_t target_level = 0;  // depth of the user namespace checked against
  uint8_t cred_depth = 0;    // depth of the checked credentials' namespace, plus 1; 0: unknown
  uint32_t exe = 0;
  std::string site;
  std::string syscall;

  bool Is(Trait trait) const { return traits & trait; }
  friend auto operator<=>(const CheckKey&, const CheckKey&) = default;
};

// The number of checks, and the results of system calls that ended while results were recorded.
struct CheckCounts {
  uint64_t count = 0;
  uint64_t succeeded = 0;
  uint64_t failed = 0;
  // Bit N: failed with errno N; bit 63: with any above 62; bit 0: an empty netlink request, which
  // fails and changes nothing.
  uint64_t errnos = 0;

  CheckCounts& operator+=(const CheckCounts& other) {
    count += other.count;
    succeeded += other.succeeded;
    failed += other.failed;
    errnos |= other.errnos;
    return *this;
  }
  friend bool operator==(const CheckCounts&, const CheckCounts&) = default;
};

// The first event: the back end, and what it cannot see.
struct SourceStarted {
  TimeNs time = 0;
  std::string backend;                   // "fexit", "tp_btf", "kprobe"
  std::string kernel;                    // uname release
  std::string cgroup_layout;             // "v2", "hybrid", "v1"
  bool outcomes = false;                 // all system calls are watched
  std::vector<std::string> blind_spots;  // one sentence each
  bool ends_awaited = false;             // results behind checks are known without that
};

// Paths are those of the hierarchy: "/docker/<id>".
struct CgroupMade {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  std::string path;
  bool existing = false;
};

struct CgroupRemoved {
  TimeNs time = 0;
  CgroupId cgroup = 0;
};

struct ChecksCounted {
  TimeNs time = 0;
  CheckKey key;
  CheckCounts counts;
  // Not 0: the counters were not read since then, and the checks were made at an unknown time
  // since.
  TimeNs unread_since = 0;
};

// One example of a key: the process and the kernel functions on its stack, nearest first.
struct CheckSampled {
  TimeNs time = 0;
  CheckKey key;
  uint32_t pid = 0;
  uint32_t tid = 0;
  uint32_t uid = 0;
  std::string comm;
  std::string binary;  // last path component of the executable
  std::vector<std::string> callers;
};

// An exec, or (existing) a process found at the start. Sets are those after the exec.
struct ProcessExec {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  uint32_t uid = 0;
  uint32_t euid = 0;
  std::string comm;
  std::string path;
  uint32_t exe = 0;
  uint64_t inode = 0;      // of the same file, to find it; `exe` is derived from it
  uint32_t arguments = 0;  // of what it was given: only compared, and not recorded; 0: not known
  // Not recorded either: the file system, as the kernel keeps its number, and the file's
  // path within it. 0 and "": not known.
  uint32_t device = 0;
  std::string path_on_device;
  ExeOrigin exe_origin = ExeOrigin::kUnknown;
  CapabilitySet permitted, effective, inheritable, bounding, ambient;
  bool before_known = false;  // the next three are set
  CapabilitySet permitted_before;
  uint32_t uid_before = 0;
  uint32_t euid_before = 0;
  bool no_new_privs = false;
  bool secure_exec = false;
  bool set_id_file = false;
  uint8_t seccomp_mode = 0;  // 0 none, 1 strict, 2 filter
  uint8_t userns_level = 0;
  bool existing = false;
  bool file_known = false;  // the kernel reported the file's own capabilities: the next three
  CapabilitySet file_permitted, file_inheritable;
  bool file_effective = false;
};

// A task changed its own sets with capset(2), or raised an ambient capability with prctl(2). The
// sets are the new ones; after a denial, the requested ones.
struct CapabilitiesSet {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  ExeOrigin exe_origin = ExeOrigin::kUnknown;
  CapabilitySet permitted, effective, inheritable;
  CapabilitySet ambient;
  CapabilitySet had;    // after a denial: what it could have requested
  bool raises = false;  // by prctl(2)
  bool refused = false;
  bool looked = false;  // the program called capget(2) before
  uint8_t userns_level = 0;
  std::string comm;
};

// The capabilities of a file that a process of this cgroup executed, read from the file.
struct FileRead {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t exe = 0;
  std::string path;
  bool known = false;  // false: it could not be read
  CapabilitySet permitted;
  bool effective = false;
};

// An exec failed with EPERM. The kernel makes no check if the file's capabilities are not in the
// bounding set.
struct ExecRefused {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  uint32_t uid = 0;
  std::string comm;
  std::string path;
  CapabilitySet bounding;
  bool known = false;  // the file could be read: the next two are its capabilities
  CapabilitySet permitted;
  bool effective = false;
};

// The user ids of the user namespace of a process of this cgroup, from /proc.
struct UserMapRead {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint8_t userns_level = 0;
  IdMap ids;
};

// The first call of one kind in this cgroup by a task under a seccomp filter.
struct CallNoticed {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  uint32_t uid = 0;
  std::string comm;
  std::string syscall;
  bool refused = false;  // failed with the error of a filter
};

// What one source reports about a container (or "systemd" about a unit); other fields are empty.
struct ContainerDescribed {
  TimeNs time = 0;
  std::string container_id;
  std::string source;  // "systemd", "oci", "docker", "cri"
  std::string name;    // "POD": the pod's sandbox
  std::string image;
  std::string pod;
  std::string pod_namespace;
  std::string workload;  // "deploy/web"
  bool privileged = false;
  std::map<std::string, std::string> labels;
  bool workload_inferred = false;  // from the pod's name, or from labels that the image may have
  std::string runtime;
  std::string pod_uid;
  std::string cgroup_path;  // its own cgroup, if known
  std::string description;
  std::optional<HeldSets> held;
  std::string root;                  // directory of its root file system, on the host
  std::optional<CallFilter> filter;  // if known
  std::string image_digest;          // "sha256:...": of the image, or of its manifest
  std::string entrypoint;            // the program it is started with
  std::string workload_label;        // capmon.workload, where it is not the image's alone
  std::string command;               // a digest of the program it is started with and its arguments
  std::string engine;                // the socket of its engine, if not the system's first one
  // The user whose own engine or files report this, "1000"; "" for the system's. Holds only for
  // cgroups in that user's slice.
  std::string by_user;
  TimeNs ended_before = 0;  // when it last ended, by its engine's word; 0: never, or not known
};

// Settings of the host or container that change which checks happen:
// "net.ipv4.ip_unprivileged_port_start" = "0".
struct SurroundingsSeen {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  std::map<std::string, std::string> facts;
};

// A client approved what a workload used so far, or withdrew that.
struct WorkloadApproved {
  TimeNs time = 0;
  std::string workload;  // as Print() spells it
  std::string by;        // "alice (uid 1000)"
  bool withdrawn = false;
};

// A client imported what one instance elsewhere showed, from a profile file; or, with `removed`,
// removed all that was imported for the workload.
struct RowImported {
  TimeNs time = 0;
  std::string workload;  // as Print() spells it
  std::string digest;    // of the image; "" not known
  std::string instance;  // its id and start in the file
  std::string file;      // as the client says
  std::string by;        // "alice (uid 1000)"
  bool removed = false;
  int64_t observed = 0;  // seconds
  bool stable = false;
  bool declared = false;  // no instance: needs that a person wrote into the file
  uint64_t starts = 0;
  uint64_t lost = 0;
  std::string no_new_privileges;  // "safe", "unsafe", "unknown"
  std::string non_root;
  std::map<std::string, std::string> needs;  // verdict by capability: "NET_RAW" = "required"
  CapabilitySet unknown;
  CapabilitySet unneeded;
  CapabilitySet denied;
  std::map<std::string, std::string> surroundings;
};

// A client recorded what runs of a workload without a capability showed.
struct ProofRecorded {
  TimeNs time = 0;
  std::string workload;  // as Print() spells it
  Capability capability = 0;
  std::string finding;            // "needed", "unneeded", "undecided"
  std::string reason;             // one clause
  std::string digest;             // of the image that ran
  CapabilitySet keep;             // with these alone the job was done
  std::vector<std::string> uses;  // that were tried
  std::string check;              // the command that says whether the job is done
  std::string version;            // of the capmon that ran it
  std::string by;                 // "alice (uid 1000)"
  // Under which it was tried, as in daemon/profile/conditions.h.
  std::map<std::string, std::string> conditions = {};
};

// A client requested to delete the evidence of a container; `container` is its key.
struct ProfileReset {
  TimeNs time = 0;
  std::string container;
};

// A client requested to set the baseline of a container.
struct BaselineSet {
  TimeNs time = 0;
  std::string container;
};

// Evidence was lost. `cgroup` is 0 if the kernel cannot identify it.
struct EvidenceLost {
  TimeNs time = 0;
  std::string cause;  // "map-full", "key-quota", "ring-check", ..., "recursion"
  CgroupId cgroup = 0;
  uint64_t count = 0;
};

// How often tasks of this cgroup read data from TCP connections. Only counted while a container is
// idle since its start.
struct DataRead {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint64_t count = 0;
};

// The usage of the kernel's counter map.
struct MapUsage {
  TimeNs time = 0;
  uint64_t used = 0;
  uint64_t capacity = 0;
  uint64_t freed = 0;  // counters of removed cgroups freed since the start of the source
  std::map<std::string, std::string> largest;  // counters by cgroup id of their owner

  friend bool operator==(const MapUsage&, const MapUsage&) = default;
};

// The time. Ends every batch of a source.
struct Tick {
  TimeNs time = 0;
};

using KernelEvent =
    std::variant<SourceStarted, CgroupMade, CgroupRemoved, ChecksCounted, CheckSampled, ProcessExec,
                 CapabilitiesSet, ContainerDescribed, SurroundingsSeen, EvidenceLost, Tick,
                 FileRead, ExecRefused, CallNoticed, MapUsage, ProfileReset, BaselineSet,
                 UserMapRead, WorkloadApproved, RowImported, DataRead, ProofRecorded>;

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

inline TimeNs TimeOf(const KernelEvent& event) {
  return std::visit([](const auto& e) { return e.time; }, event);
}

}  // namespace capmon
