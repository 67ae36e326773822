// SPDX-License-Identifier: Apache-2.0
#include "daemon/judge_workload.h"

#include <algorithm>

#include "daemon/profile/imported.h"
#include "daemon/profile/judge_several.h"

namespace capmon {
namespace {

size_t VersionOf(const WorkloadSnapshot& whole, const std::string& key) {
  for (size_t version = 0; version < whole.versions.size(); ++version)
    for (const ProfileSnapshot& instance : whole.versions[version].instances)
      if (instance.container.key == key) return version;
  return whole.versions.size();
}

// Without the others, nothing says whether one of them does what was not tried.
Withdrawals AllWithdrawn(const Proofs& proofs) {
  Withdrawals all;
  for (const auto& [capability, proof] : proofs)
    all[capability] = "what the other instances of its workload do is not known";
  return all;
}

}  // namespace

std::vector<Profile> Joined(const WorkloadVersion& version) {
  std::vector<Profile> profiles;
  for (const ProfileSnapshot& instance : version.instances) profiles.push_back(instance.Joined());
  return profiles;
}

Judgement WorkloadJudge::Judge(const WorkloadSnapshot& workload, size_t version,
                               const std::vector<Profile>& instances) {
  JudgeOptions own = options_;
  own.one_image = instances.size() > 1;
  Judgement judgement = capmon::Judge(instances, sites_, own);
  if (const auto rows = workload.ImportedOf(version); !rows.empty())
    AddImported(rows, instances, workload.Seen(), own, judgement);
  if (workload.proofs == nullptr) return judgement;
  const Withdrawals none;
  const ProfileSnapshot& first = workload.versions[version].instances.front();
  ApplyProofs(*workload.proofs, instances, own, judgement,
              workload.whole == nullptr ? none : WithdrawnInAll(*workload.whole, first));
  return judgement;
}

const Withdrawals& WorkloadJudge::WithdrawnInAll(const WorkloadSnapshot& whole,
                                                 const ProfileSnapshot& instance) {
  const size_t version = VersionOf(whole, instance.container.key);
  const auto [known, fresh] = withdrawn_.try_emplace({&whole, version});
  if (!fresh) return known->second;
  if (version == whole.versions.size() || whole.proofs == nullptr)
    known->second = AllWithdrawn(whole.proofs == nullptr ? Proofs() : *whole.proofs);
  else
    known->second = WithdrawnIn(Judge(whole, version, Joined(whole.versions[version])));
  return known->second;
}

}  // namespace capmon
