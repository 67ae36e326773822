// SPDX-License-Identifier: Apache-2.0
// The profile of a workload as a value: one row for each of its instances, never a sum of rows, so
// that profiles can be merged in any order and any number of times. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "daemon/profile/verdict_traits.h"

namespace capmon {

// Which profile: one for each version of a workload.
struct ProfileKey {
  std::string workload;      // "compose:shop/web", "shop/deploy/web/nginx"
  std::string image;         // as in the container's configuration; "" where not known
  std::string digest;        // "sha256:..."; "" where not known
  std::string cluster = {};  // "" where not known

  friend auto operator<=>(const ProfileKey&, const ProfileKey&) = default;
};

// A container id is unique; a unit's cgroup is unique only with its start.
struct InstanceKey {
  std::string id;
  std::string started;  // RFC 3339 in UTC, whole seconds; "" where not known

  friend auto operator<=>(const InstanceKey&, const InstanceKey&) = default;
};

// Verdicts by capability, "NET_RAW".
using Verdicts = std::map<std::string, Verdict>;

// What one instance showed. A capability is in at most one of the four; in none if the instance
// neither held it nor was denied it.
struct InstanceRow {
  int64_t observed = 0;           // seconds
  std::string state;              // "learning", "stable"
  uint64_t starts = 0;            // seen from the first instruction
  uint64_t lost = 0;              // checks and records that may have shown a need
  bool held_known = true;         // false: its sets were never read
  bool privileged = false;        // as its runtime reports
  bool filtered = false;          // it ran under a seccomp filter
  std::optional<uint32_t> user;   // user of its first process, inside the container
  std::set<std::string> ambient;  // ambient when it started
  std::string no_new_privileges;  // "safe", "unsafe", "unknown"
  std::string non_root;           // likewise
  std::map<std::string, std::string> surroundings;
  Verdicts needs;
  std::set<std::string> unknown;
  Verdicts unneeded;
  Verdicts denied;   // not held, and a system call failed because of it
  std::string node;  // the machine on which it ran; "" where not known

  friend auto operator<=>(const InstanceRow&, const InstanceRow&) = default;
};

// What runs without a capability showed; the needs of the rows have it in them.
struct FiledProof {
  std::string at;     // RFC 3339 in UTC, whole seconds
  std::string found;  // "needed", "unneeded"
  std::string why;
  std::string check;
  std::string capmon;  // its version

  friend auto operator<=>(const FiledProof&, const FiledProof&) = default;
};

// Those that decide something.
inline bool IsFiledFinding(const std::string& found) {
  return found == "needed" || found == "unneeded";
}

struct WorkloadProfile {
  std::set<std::string> declared;  // needs declared by hand
  std::map<InstanceKey, InstanceRow> rows;
  std::map<std::string, FiledProof> proofs = {};  // by capability: the newest

  friend bool operator==(const WorkloadProfile&, const WorkloadProfile&) = default;
};

// The content of a file, an export or a merge.
using ProfileSet = std::map<ProfileKey, WorkloadProfile>;

inline constexpr size_t kMaxProfilesOfSet = 10'000;
inline constexpr size_t kMaxRowsOfSet = 20'000;

inline constexpr size_t kMaxFactsOfRow = 64;

// Adds `from`. Two rows of one instance are united: what either needed, was denied or may need
// stays, also in a row that was observed longer, since evidence may have been deleted in between
// and files are edited. The merge is associative, commutative and idempotent.
void MergeInto(ProfileSet& into, const ProfileSet& from);
void MergeInto(WorkloadProfile& into, const WorkloadProfile& from);

}  // namespace capmon
