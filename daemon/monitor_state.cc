// SPDX-License-Identifier: Apache-2.0
// Drains changes of the monitor, and restores it.
#include <algorithm>
#include <utility>

#include "daemon/alert/rules/losses.h"
#include "daemon/monitor.h"
#include "daemon/profile/learn.h"

namespace capmon {

MonitorChanges Monitor::DrainChanges() {
  MonitorChanges changes = book_.Drain();
  changes.time = now_;
  DrainAlerts(changes);
  for (MonitorChanges::Changed& changed : changes.profiles)
    if (changed.profile.container.removed == 0 && clock_ != 0)
      changed.profile.observed_until = clock_;
  return changes;
}

void Monitor::Rollback(MonitorChanges changes) {
  for (const auto& [id, alert] : changes.alerts) changed_alerts_.insert(id);
  book_.Rollback(std::move(changes));
}

void Monitor::Restore(MonitorState state) {
  now_ = std::max(now_, state.time);
  for (Profile& profile : state.profiles) {
    const Container& container = profile.container;
    if (profile.folded.instances > 0) {
      const auto identity = IdentifyWorkload(container);
      NoteFolded(identity ? Print(identity->workload) : "", container);
      book_.Load(std::move(profile));
      continue;
    }
    NoteInstance(container);
    if (profile.baseline == 0) without_baseline_.insert(container.key);
    if (container.removed == 0)
      profile.observed_until = std::max(profile.observed_until, state.time);
    index_.Restore(container, !profile.checks.empty());
    if (container.removed != 0) {
      ended_.Add(container);
      succession_.Remember(profile, sites_);
    }
    book_.Load(std::move(profile));
  }
  for (const auto& [cgroup, place] : state.cgroups)
    index_.Restore(cgroup, place.container, place.path);
  approvals_ = std::move(state.approvals);
  RestoreAlerts(std::move(state.alerts));
  imported_ = std::make_shared<ImportedRows>(std::move(state.imported));
  std::map<std::string, Proofs> proofs;
  for (const auto& [key, proof] : state.proofs) last_proof_ = std::max(last_proof_, proof.sequence);
  for (auto& [key, proof] : state.proofs)
    proofs[key.workload].emplace(key.capability, std::move(proof));
  for (auto& [workload, all] : proofs)
    proofs_[workload] = std::make_shared<const Proofs>(std::move(all));
  JoinDescriptions(/*inherit=*/false);  // what it did before is no news
  EvictEnded(options_.max_containers);
}

void Monitor::NoteGap(const Gap& gap) {
  for (const std::string& key : book_.Keys())
    if (book_.Find(key)->container.removed == 0) Learn(book_.EditDetails(key), gap);
  Raise(AlertForGap(gap));
}

}  // namespace capmon
