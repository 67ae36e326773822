// SPDX-License-Identifier: Apache-2.0
// The judgement on a workload, or on one container of it: by the evidence here, by what was
// imported, and by what is proven. The only place that decides which proofs hold, so that no two
// answers differ. Pure.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "daemon/monitor_workloads.h"
#include "daemon/profile/proofs.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// The instances of a version as the verdicts see them.
std::vector<Profile> Joined(const WorkloadVersion& version);

// Judges many with what they share: the containers of one workload share the judgement on it.
class WorkloadJudge {
 public:
  WorkloadJudge(const CallSites& sites, JudgeOptions options) : sites_(sites), options_(options) {}

  // `instances` are those of that version of the workload.
  Judgement Judge(const WorkloadSnapshot& workload, size_t version,
                  const std::vector<Profile>& instances);

  const CallSites& sites() const { return sites_; }
  const JudgeOptions& options() const { return options_; }

 private:
  const Withdrawals& WithdrawnInAll(const WorkloadSnapshot& whole, const ProfileSnapshot& instance);

  const CallSites& sites_;
  const JudgeOptions options_;
  // By workload and version; each is kept alive by the snapshot that refers to it.
  std::map<std::pair<const WorkloadSnapshot*, size_t>, Withdrawals> withdrawn_;
};

}  // namespace capmon
