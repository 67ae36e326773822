// SPDX-License-Identifier: Apache-2.0
// What is normal for whole workloads: by a person's word, or by what other instances did.
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "daemon/alert/alert_rules.h"
#include "daemon/judge_workload.h"
#include "daemon/monitor.h"

namespace capmon {
namespace {

constexpr size_t kMaxSiblings = 32;

// What an instance used that is normal; with `all` whatever it used.
void AddUses(const Profile& profile, bool all, const CallSites& sites,
             std::set<std::string>& uses) {
  for (const std::string& use : all ? AllUses(profile, sites) : NormalUses(profile, sites))
    if (uses.size() < Profile::kMaxEarlierUses) uses.insert(use);
}

}  // namespace

std::vector<const Profile*> Monitor::InstancesOf(const std::string& workload) const {
  std::vector<const Profile*> instances;
  for (const std::string& key : instances_.Of(workload))
    if (const Profile* const profile = book_.Find(key)) instances.push_back(profile);
  if (const auto folded = folded_.find(workload); folded != folded_.end())
    for (const std::string& key : folded->second) instances.push_back(book_.Find(key));
  return instances;
}

std::optional<std::set<std::string>> Monitor::NormalOf(const std::string& workload,
                                                       bool all) const {
  std::vector<const Profile*> instances = InstancesOf(workload);
  if (!all) std::erase_if(instances, [](const Profile* profile) { return profile->baseline == 0; });
  if (instances.empty()) return std::nullopt;
  // Each has what was normal for those before it, so of thousands the newest are enough.
  const size_t most = all ? instances.size() : std::min(instances.size(), kMaxSiblings);
  std::ranges::partial_sort(instances, instances.begin() + static_cast<ptrdiff_t>(most),
                            std::greater(),
                            [](const Profile* profile) { return profile->container.first_seen; });
  instances.resize(most);
  std::set<std::string> uses;
  for (const Profile* const profile : instances) AddUses(*profile, all, sites_, uses);
  return uses;
}

std::map<std::string, ApprovedNeeds> Monitor::Approved() const {
  return {approvals_.begin(), approvals_.end()};
}

// What the newest image needs by now.
ApprovedNeeds Monitor::NeedsOf(const std::string& workload) const {
  const std::optional<WorkloadSnapshot> snapshot = InstancesAsOne(workload);
  if (!snapshot) return {};
  const WorkloadVersion& newest = snapshot->versions.front();
  WorkloadJudge judge(sites_, {.stable_after = options_.stable_after});
  return {"", 0, newest.digest, NeededBy(judge.Judge(*snapshot, 0, Joined(newest)))};
}

std::optional<Approval> Monitor::ApprovalOf(const std::string& workload) const {
  const auto found = approvals_.find(workload);
  return found == approvals_.end() ? std::nullopt : std::optional(found->second);
}

std::set<std::string> Monitor::NormalUsesOf(const std::string& workload) const {
  const auto approved = approvals_.find(workload);
  return approved == approvals_.end()
             ? NormalOf(workload, /*all=*/false).value_or(std::set<std::string>())
             : approved->second.uses;
}

void Monitor::On(const WorkloadApproved& approved) {
  if (approved.withdrawn) {
    approvals_.erase(approved.workload);
    book_.NoteApproval(approved.workload, std::nullopt);
    return;
  }
  if (!CanApprove(approved.workload)) return;
  Approval approval{NeedsOf(approved.workload),
                    NormalOf(approved.workload, /*all=*/true).value_or(std::set<std::string>())};
  approval.by = approved.by;
  approval.at = now_;
  for (const std::string& key : instances_.Of(approved.workload)) {
    const Profile* const known = book_.Find(key);
    if (known == nullptr || known->container.removed != 0) continue;
    Profile& profile = book_.Edit(key);
    profile.baseline = now_;
    profile.earlier_uses = approval.uses;
  }
  book_.NoteApproval(approved.workload, approval);
  approvals_[approved.workload] = std::move(approval);
}

// A person's word first, then what is normal for other instances by now.
bool Monitor::InheritFromWorkload(Profile& fresh) const {
  if (fresh.container.removed != 0) return false;
  const auto identity = IdentifyWorkload(fresh.container);
  if (!identity || fresh.container.kind != ContainerKind::kContainer) return false;
  const std::string workload = Print(identity->workload);
  const auto approved = approvals_.find(workload);
  // `fresh` has no baseline yet, so it is not one of those that have.
  std::optional<std::set<std::string>> uses = approved == approvals_.end()
                                                  ? NormalOf(workload, /*all=*/false)
                                                  : std::optional(approved->second.uses);
  if (!uses) return false;
  fresh.earlier_uses = *std::move(uses);
  fresh.baseline = std::max<TimeNs>(fresh.observed_from - 1, 1);
  return true;
}

void Monitor::InheritBaseline(const std::string& key) {
  if (book_.Find(key)->baseline != 0) return;
  Profile& fresh = book_.Edit(key);
  if (!InheritFromWorkload(fresh) && !succession_.Inherit(fresh)) return;
  // Its name came later than its first checks: those are looked at now.
  const Profile profile = fresh;
  const bool own = own_exe_ != 0 && profile.container.cgroup == own_cgroup_;
  for (const auto& [check, evidence] : profile.checks) {
    if (own && check.exe == own_exe_) continue;
    const std::optional<Alert> alert =
        AlertFor(profile, JudgeEvidence(profile, sites_, evidence), evidence.last, sites_);
    if (alert && alert->kind == AlertKind::kNewCapability && !alerts_.contains(alert->id))
      Raise(*alert);
  }
}

}  // namespace capmon
