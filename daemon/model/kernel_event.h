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
using CgroupId = uint64_t;

// What is particular about one kind of check; a bit set of these.
enum Trait : uint16_t {
  kOptionsKnown = 1 << 0,    // the back end saw the kernel's option bits
  kNoAudit = 1 << 1,         // CAP_OPT_NOAUDIT
  kInSetId = 1 << 2,         // CAP_OPT_INSETID
  kHeld = 1 << 3,            // the bit is in the task's own effective set
  kCredOverridden = 1 << 4,  // credentials overridden for a while: overlayfs, access(2) ...
  kCredOther = 1 << 5,       // credentials of an open file or of another task
  kIoWorker = 1 << 6,        // io_uring worker: system call and outcome unknown
  kCompat = 1 << 7,          // 32-bit system call
  kCollapsed = 1 << 8,       // over the cgroup's key quota: site, system call, binary not kept
  kHarmless = 1 << 9,        // by its operands, the call needed no capability
  kProtects = 1 << 10,       // the call succeeds without, but leaves a way back to the old ids
  kByOwnership = 1 << 11,    // granted because the task owns the user namespace: no bit needed
  kCredOwn = 1 << 12,        // swapped or other credentials, but none beyond the container's own
};

// Which mount namespace the running executable was mounted in, seen from the task. The last two are
// as kNone and kHost, but the task is the container's own: it, or one it descends from, executed a
// program of the container's before.
enum class ExeOrigin : uint8_t { kUnknown, kHost, kNone, kOwn, kElsewhere, kMemory, kOutside };

// One kind of check in one cgroup. `site` is the kernel function that asked ("inet_create"),
// without compiler suffixes; empty when not known. `syscall` is a name ("bind"); empty when the
// task was in none. `exe` tells binaries apart; its name comes with samples.
struct CheckKey {
  CgroupId cgroup = 0;
  Capability capability = 0;
  bool granted = false;
  uint16_t traits = 0;
  ExeOrigin exe_origin = ExeOrigin::kUnknown;
  uint8_t target_level = 0;  // depth of the user namespace checked against
  uint8_t cred_depth = 0;    // of that the checked credentials are of, plus 1; 0: not known
  uint32_t exe = 0;
  std::string site;
  std::string syscall;

  bool Is(Trait trait) const { return traits & trait; }
  friend auto operator<=>(const CheckKey&, const CheckKey&) = default;
};

// How often, and, for system calls that ended while outcomes were watched, how they ended.
struct CheckCounts {
  uint64_t count = 0;
  uint64_t succeeded = 0;
  uint64_t failed = 0;
  // Bit N: failed with errno N; bit 63: any above 62; bit 0: an empty netlink request, which fails
  // and changes nothing.
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

// Opens every stream: what watches, and what it cannot see.
struct SourceStarted {
  TimeNs time = 0;
  std::string backend;                   // "fexit", "tp_btf", "kprobe"
  std::string kernel;                    // uname release
  std::string cgroup_layout;             // "v2", "hybrid", "v1"
  bool outcomes = false;                 // system call results are watched
  std::vector<std::string> blind_spots;  // one sentence each
};

// Cgroup paths are as the hierarchy shows them, "/docker/<id>".
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
  // Not 0: nobody read the counters since then, and when the checks were made is not known closer.
  TimeNs unread_since = 0;
};

// One example of a key: who asked and through which kernel functions, nearest first.
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

// An exec, or (existing) a process found at start. Sets are those after the exec.
struct ProcessExec {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  uint32_t uid = 0;
  uint32_t euid = 0;
  std::string comm;
  std::string path;
  uint32_t exe = 0;
  uint64_t inode = 0;  // of the same file, to find it by; `exe` is made of it and more
  ExeOrigin exe_origin = ExeOrigin::kUnknown;
  CapabilitySet permitted, effective, inheritable, bounding, ambient;
  bool before_known = false;  // the next three are filled in
  CapabilitySet permitted_before;
  uint32_t uid_before = 0;
  uint32_t euid_before = 0;
  bool no_new_privs = false;
  bool secure_exec = false;
  bool set_id_file = false;
  uint8_t seccomp_mode = 0;  // 0 none, 1 strict, 2 filter
  uint8_t userns_level = 0;
  bool existing = false;
  bool file_known = false;  // the kernel told the file's own capabilities: the next three
  CapabilitySet file_permitted, file_inheritable;
  bool file_effective = false;
};

// The task changed its own sets with capset(2), or raised an ambient capability with prctl(2). The
// sets are those it has then; where it was refused, those it asked for.
struct CapabilitiesSet {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  ExeOrigin exe_origin = ExeOrigin::kUnknown;
  CapabilitySet permitted, effective, inheritable;
  CapabilitySet ambient;
  CapabilitySet had;    // refused: what it could have asked for
  bool raises = false;  // by prctl(2)
  bool refused = false;
  bool looked = false;  // the program called capget(2) before, to see what it has
  uint8_t userns_level = 0;
  std::string comm;
};

// The capabilities of a file that a process of this cgroup executes, as read from the file.
struct FileRead {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t exe = 0;
  std::string path;
  bool known = false;  // false: it could not be read
  CapabilitySet permitted;
  bool effective = false;
};

// An exec failed with EPERM. The kernel asks for no capability where a file's own are out of
// bounds.
struct ExecRefused {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  uint32_t uid = 0;
  std::string comm;
  std::string path;
  CapabilitySet bounding;
  bool known = false;  // the file could be read: the next two are its own
  CapabilitySet permitted;
  bool effective = false;
};

// The user ids of the user namespace that a process of this cgroup runs in, as /proc has them.
struct UserMapRead {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint8_t userns_level = 0;
  IdMap ids;
};

// A task under a seccomp filter made one of the gated calls, for the first time in this cgroup.
struct CallNoticed {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  uint32_t uid = 0;
  std::string comm;
  std::string syscall;
  bool refused = false;  // with an error as filters give
};

// What one source knows about a container (or "systemd" about a unit); the rest is empty.
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
  bool workload_inferred = false;  // by the pod's name, or by labels the image may have brought
  std::string runtime;
  std::string pod_uid;
  std::string cgroup_path;  // its own cgroup, where the source knows it
  std::string description;
  std::optional<HeldSets> held;
  std::string root;                  // directory of its root file system, on the host
  std::optional<CallFilter> filter;  // its seccomp filter, where the source knows it
};

// Facts of the container's surroundings that change what checks happen at all,
// e.g. "net.ipv4.ip_unprivileged_port_start" = "0".
struct SurroundingsSeen {
  TimeNs time = 0;
  CgroupId cgroup = 0;
  std::map<std::string, std::string> facts;
};

// A client asked to forget the evidence about a container; `container` is its key.
struct ProfileReset {
  TimeNs time = 0;
  std::string container;
};

// A client asked that what a container used so far count as normal.
struct BaselineSet {
  TimeNs time = 0;
  std::string container;
};

// Something could not be kept. `cgroup` is 0 where the kernel cannot say whose it was.
struct EvidenceLost {
  TimeNs time = 0;
  std::string cause;  // "map-full", "key-quota", "ring-check", ..., "recursion"
  CgroupId cgroup = 0;
  uint64_t count = 0;
};

// How full the kernel's map of counters is.
struct MapUsage {
  TimeNs time = 0;
  uint64_t used = 0;
  uint64_t capacity = 0;
  uint64_t freed = 0;  // counters of removed cgroups, deleted since the source started
  std::map<std::string, std::string> largest;  // cgroup id of an owner: how many it has

  friend bool operator==(const MapUsage&, const MapUsage&) = default;
};

// Time passes. A source ends every batch with one.
struct Clock {
  TimeNs time = 0;
};

using KernelEvent = std::variant<SourceStarted, CgroupMade, CgroupRemoved, ChecksCounted,
                                 CheckSampled, ProcessExec, CapabilitiesSet, ContainerDescribed,
                                 SurroundingsSeen, EvidenceLost, Clock, FileRead, ExecRefused,
                                 CallNoticed, MapUsage, ProfileReset, BaselineSet, UserMapRead>;

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
