// SPDX-License-Identifier: Apache-2.0
// The needs of a workload, computed only from the rows of its instances. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/profile_file/workload_profile.h"

namespace capmon {

// One capability over all instances.
struct CapabilityFinding {
  Verdict verdict = Verdict::kUnused;  // the strongest
  bool declared = false;               // by hand
  size_t instances = 0;                // that showed it
};
using FindingsByName = std::map<std::string, CapabilityFinding>;

// A capability is in at most one of the first three.
struct Summary {
  FindingsByName needs;    // of at least one instance, or declared
  FindingsByName unknown;  // of at least one instance, and a need of none
  FindingsByName unneeded;
  FindingsByName denied;
  std::string no_new_privileges = "unknown";  // "unsafe" in one is so for all; "safe" only in all
  std::string non_root = "unknown";
  size_t instances = 0;
  size_t stable = 0;
  uint64_t starts = 0;
  uint64_t lost = 0;
  int64_t observed = 0;               // seconds, of the instance that was observed longest
  bool held_known = false;            // in at least one instance
  bool privileged = false;            // one instance ran privileged
  bool filtered = false;              // all ran under a seccomp filter
  bool started_unprivileged = false;  // all started as users other than 0
  std::vector<std::string> warnings;  // sentences

  // False if needs that were not seen are still possible.
  bool settled() const { return stable > 0 && lost == 0; }
};

Summary SummaryOf(const WorkloadProfile& profile);

// "declared", or the verdict's name.
std::string WordFor(const CapabilityFinding& finding);
// "learned from 3 instances, none of them stable", "..., 12 checks lost".
std::string GroundsOf(const Summary& summary);

}  // namespace capmon
