// SPDX-License-Identifier: Apache-2.0
// The persistent part of the monitor as values: all of it, or its changes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/model/alert.h"
#include "daemon/profile/completeness.h"
#include "daemon/profile/imported.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/proof.h"

namespace capmon {

// The place of a cgroup: its container's key, and its path if known.
struct CgroupPlace {
  std::string container;
  std::string path;

  friend bool operator==(const CgroupPlace&, const CgroupPlace&) = default;
};

// A person's word that what a workload used is normal, and all it needs.
struct Approval : ApprovedNeeds {
  std::set<std::string> uses;  // as UseOf() returns them; bounded by Profile::kMaxEarlierUses

  friend bool operator==(const Approval&, const Approval&) = default;
};
inline constexpr size_t kMaxApprovals = 10'000;

// Everything that outlives capmond.
struct MonitorState {
  std::vector<Profile> profiles;
  std::map<CgroupId, CgroupPlace> cgroups;
  std::map<std::string, Approval> approvals;  // by workload
  std::vector<Alert> alerts;                  // oldest first
  ImportedRows imported;
  std::map<ProofKey, Proof> proofs;
  TimeNs time = 0;  // contains nothing later
};

// The changes that turn a persisted state into the current one.
struct MonitorChanges {
  struct Changed {
    Profile profile;        // with only the checks that changed
    bool details = false;   // more changed than checks, container and single numbers
    bool replaced = false;  // checks that are not here are deleted
  };
  bool whole = false;  // all profiles: delete every other one
  std::vector<Changed> profiles;
  std::vector<std::string> gone;  // keys of containers
  // All cgroups of the first now belong to the second.
  std::map<std::string, std::string> moved;
  std::map<CgroupId, std::optional<CgroupPlace>> cgroups;      // nothing: removed
  std::map<std::string, std::optional<Approval>> approvals;    // by workload; nothing: withdrawn
  std::map<std::string, std::optional<Alert>> alerts;          // by id; nothing: forgotten
  std::map<ImportedKey, std::optional<ImportedRow>> imported;  // nothing: removed
  std::map<ProofKey, std::optional<Proof>> proofs;             // likewise
  TimeNs time = 0;
};

}  // namespace capmon
