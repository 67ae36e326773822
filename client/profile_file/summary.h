// SPDX-License-Identifier: Apache-2.0
// What a workload needs, computed from the rows of its instances and from nothing else. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/profile_file/workload_profile.h"

namespace capmon {

// One capability over all instances.
struct Finding {
  Verdict verdict = Verdict::kUnused;  // the strongest
  bool declared = false;               // by a person's word
  size_t instances = 0;                // that showed it
};
using FindingsByName = std::map<std::string, Finding>;

// A capability is in one of the first three at most.
struct Summary {
  FindingsByName needs;    // of one instance at least, or declared
  FindingsByName unknown;  // of one instance at least, and no need of another
  FindingsByName unneeded;
  FindingsByName refused;
  std::string no_new_privileges = "unknown";  // "unsafe" in one is so for all; "safe" only in all
  std::string non_root = "unknown";
  size_t instances = 0;
  size_t stable = 0;
  uint64_t starts = 0;
  uint64_t lost = 0;
  int64_t observed = 0;               // seconds, of the instance that was observed longest
  bool held_known = false;            // in one instance at least
  bool privileged = false;            // one instance ran privileged
  bool filtered = false;              // all ran under a seccomp filter
  std::vector<std::string> warnings;  // sentences

  // False: what is not seen yet may be needed, so nothing is firmly unneeded.
  bool settled() const { return stable > 0 && lost == 0; }
};

Summary SummaryOf(const WorkloadProfile& profile);

// "declared", or the verdict's name.
std::string WordFor(const Finding& finding);
// "learned from 3 instances, none of them stable", "..., 12 checks lost".
std::string GroundsOf(const Summary& summary);

}  // namespace capmon
