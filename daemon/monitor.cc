// SPDX-License-Identifier: Apache-2.0
#include "daemon/monitor.h"

#include <algorithm>
#include <utility>

#include "daemon/alert/rules/losses.h"
#include "daemon/attribution/container_reference.h"
#include "daemon/attribution/identity.h"
#include "daemon/model/loss.h"
#include "daemon/profile/confidence.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/learn.h"
#include "daemon/profile/merge.h"
#include "daemon/profile/unknowable.h"

namespace capmon {
Monitor::Monitor(const CallSites& sites, Options options)
    : sites_(sites), options_(options), book_(options.track_changes) {}

void Monitor::Apply(const KernelEvent& event) {
  now_ = std::max(now_, TimeOf(event));
  std::visit([this](const auto& e) { On(e); }, event);
  JoinDescriptions();
}

std::string Monitor::Charge(CgroupId cgroup, TimeNs time) {
  return Charge(index_.FindOrAdd(cgroup, time), time);
}

std::string Monitor::Charge(const Container& container, TimeNs time) {
  std::string key = container.key;
  JoinDescriptions();
  Profile& profile = book_.Open(container);
  if (profile.observed_from != 0) return key;
  NoteInstance(container);
  without_baseline_.insert(key);
  profile.observed_from = profile.last_news = time;
  if (container.removed != 0) ended_.Add(container);
  if (container.kind == ContainerKind::kUnknown && container.cgroup != 0)
    book_.NoteCgroup(container.cgroup, CgroupPlace{key, ""});
  return key;
}

void Monitor::NoteInstance(const Container& container) {
  instances_.Note(container);
  images_.Note(container.key, container.image);
}

void Monitor::JoinDescriptions(bool inherit) {
  for (const std::string& key : index_.DrainChanged()) {
    const Container* const container = index_.Find(key);
    if (container == nullptr || !book_.Contains(key)) continue;
    book_.Describe(*container);
    NoteInstance(*container);
    if (inherit) InheritBaseline(key);
    ShareFiles(key);  // its image may be known now
    if (container->removed == 0) {
      ended_.Remove(key);  // a unit may start again
      continue;
    }
    // It ended without a record: it was alive at the last clock event.
    if (!ended_.Contains(key)) book_.Edit(key).observed_until = clock_;
    ended_.Add(*container);
  }
}

void Monitor::On(const SourceStarted& started) {
  if (started_ == 0) started_ = started.time;
  if (started.outcomes != source_->outcomes || !started.outcomes)
    watched_from_ = started.outcomes ? started.time : 0;
  source_ = std::make_shared<SourceStarted>(started);
}

void Monitor::MoveEvidence(const std::vector<ContainerIndex::Merge>& merged) {
  for (const ContainerIndex::Merge& merge : merged) {
    const Profile* const from = book_.Find(merge.from);
    if (from == nullptr) continue;
    const Container* const container = index_.Find(merge.to);
    Container unknown;
    unknown.key = merge.to;  // merged further, with the next one
    book_.Open(container == nullptr ? unknown : *container);
    Merge(book_.Replace(merge.to), *from);
    without_baseline_.insert(merge.to);
    book_.MoveCgroups(merge.from, merge.to);
    Drop(merge.from);
  }
}

void Monitor::On(const CgroupMade& made) {
  const ContainerIndex::Learned learned = index_.Learn(made);
  MoveEvidence(learned.merged);
  Charge(*index_.Find(learned.key), made.time);
  InheritBaseline(learned.key);
  book_.NoteCgroup(made.cgroup, CgroupPlace{learned.key, made.path});
  // Not at once: late counts may follow; the next clock event evicts.
  EvictEnded(2 * options_.max_containers);
}

void Monitor::On(const CgroupRemoved& removed) {
  if (!index_.Contains(removed.cgroup)) return;  // nothing was charged there
  const std::string key = Charge(removed.cgroup, removed.time);
  ExpectLateAnswers(removed.cgroup, key);
  index_.Forget(removed);
  book_.NoteCgroup(removed.cgroup, std::nullopt);
  const Container* const container = index_.Find(key);
  if (container == nullptr || container->removed == 0) return;
  JoinDescriptions();
  Profile& profile = book_.Edit(key);
  profile.observed_until = removed.time;
  // Of one that is gone with the first events after a gap, the end was in the gap.
  if (profile.gaps.empty() || clock_ > profile.gaps.back().to) ++profile.shutdowns;
  succession_.Remember(profile, sites_);
}

void Monitor::NoteUnwatched(Profile& profile, const ChecksCounted& counted) const {
  const bool watched = watched_from_ != 0 && counted.unread_since == 0;
  if (watched || !IsWorkload(profile.container, counted.key.exe_origin)) return;
  profile.unwatched += counted.counts.count;
  if (source_->ends_awaited) return;
  CheckKey key = counted.key;
  key.cgroup = 0;
  if (const auto known = profile.checks.find(key); known != profile.checks.end())
    known->second.unwatched += counted.counts.count;
}

void Monitor::On(const ChecksCounted& counted) {
  checks_ += counted.counts.count;
  CheckKey key = counted.key;
  key.cgroup = 0;
  Profile& profile = book_.EditCheck(Charge(counted.key.cgroup, counted.time), key);
  const bool fresh = Learn(profile, counted);
  NoteUnwatched(profile, counted);
  if (const std::string inner = index_.InnerPathOf(counted.key.cgroup); !inner.empty())
    LearnInnerCgroup(profile, key, inner);
  CheckEvidence increment;
  if (const auto known = profile.checks.find(key); known != profile.checks.end())
    increment = known->second;
  increment.key = key;
  increment.counts = counted.counts;
  increment.unread_from = counted.unread_since;
  increment.unread_to = counted.unread_since == 0 ? 0 : counted.time;
  const JudgedEvidence judged = JudgeEvidence(profile, sites_, increment);
  checks_of_[judged.verdict] += counted.counts.count;
  if (fresh && !TraitsOf(judged.verdict).without_need) profile.last_news = counted.time;
  if (!TraitsOf(judged.verdict).without_need && counted.unread_since == 0)
    LearnActivity(profile, counted.time, counted.counts.count, StartUpTime(options_.stable_after));
  if (on_watch_ && watch_wanted_()) on_watch_({counted.time, profile.container, judged});
  if (IsOwn(counted.key)) return;
  RaiseFor(profile, judged, counted.time);
}

void Monitor::On(const ContainerDescribed& described) {
  const ContainerIndex::Learned learned = index_.Describe(described);
  MoveEvidence(learned.merged);
  const Container* container = index_.Find(learned.key);
  if (container == nullptr) return;
  Charge(*container, described.time);
  InheritBaseline(learned.key);
  for (const auto& [cgroup, path] : index_.CgroupsOf(learned.key))
    book_.NoteCgroup(cgroup, CgroupPlace{learned.key, path});
  for (const CgroupId group : learned.groups)
    book_.NoteCgroup(group, CgroupPlace{kHostKey, "/" + index_.InnerPathOf(group)});
}

// The container may have been evicted since the request.
void Monitor::On(const ProfileReset& reset) {
  if (!book_.Contains(reset.container)) return;
  Profile& profile = book_.Replace(reset.container);
  Profile fresh;
  fresh.container = profile.container;
  fresh.held = profile.held;
  fresh.binaries = profile.binaries;
  fresh.surroundings = profile.surroundings;
  fresh.entry_pid = profile.entry_pid;
  fresh.entry_exes = profile.entry_exes;
  fresh.entry_arguments = profile.entry_arguments;
  fresh.observed_from = fresh.last_news = now_;
  // An approval is a person's word and no evidence: it stays, and holds from the first moment.
  const auto identity = IdentifyWorkload(fresh.container);
  const auto approved = identity ? approvals_.find(Print(identity->workload)) : approvals_.end();
  if (identity) ForgetProofs(Print(identity->workload));
  if (approved != approvals_.end() && fresh.container.removed == 0) {
    fresh.earlier_uses = approved->second.uses;
    fresh.baseline = now_;
  }
  profile = std::move(fresh);
  without_baseline_.insert(reset.container);
}

void Monitor::On(const BaselineSet& set) {
  if (book_.Contains(set.container)) book_.Edit(set.container).baseline = now_;
}

void Monitor::On(const EvidenceLost& lost) {
  lost_[lost.cause] += lost.count;
  if (lost.cgroup != 0) {
    Profile& profile = book_.Edit(Charge(lost.cgroup, lost.time));
    profile.losses[lost.cause] += lost.count;
    Raise(lost.cause == kLossByLeaving
              ? AlertForLeaving(profile.container, lost.count, lost.time)
              : AlertForLoss(profile.container, lost.cause, lost.count, lost.time));
    return;
  }
  if (KindOfLoss(lost.cause) != LossKind::kEvidence) return;
  Raise(AlertForLoss(Container(), lost.cause, lost.count, lost.time));
  for (const std::string& key : book_.Keys())
    if (book_.Find(key)->container.removed == 0) book_.Edit(key).losses[lost.cause] += lost.count;
}

// What nothing waits for is not noted: a busy server reads all the time.
void Monitor::On(const DataRead& read) {
  const std::string key = Charge(read.cgroup, read.time);
  if (!capmon::AwaitsUse(*book_.Find(key))) return;
  LearnActivity(book_.Edit(key), read.time, read.count, StartUpTime(options_.stable_after));
}

// Looks only at those that wait for one: thousands may be stored.
void Monitor::SetBaselines() {
  if (options_.baseline_after <= 0) return;
  std::erase_if(without_baseline_, [&](const std::string& key) {
    const Profile* const profile = book_.Find(key);
    if (profile == nullptr || profile->baseline != 0) return true;
    if (now_ - profile->observed_from < options_.baseline_after) return false;
    book_.Edit(key).baseline = now_;
    return true;
  });
}

void Monitor::On(const Tick& tick) {
  now_ = clock_ = tick.time;  // also if it was set back
  SetBaselines();
  EvictEnded(options_.max_containers);
  ForgetOld();
  RaisePosture();
  Raise(volume_.Summary(now_));
  PublishPending();
}

void Monitor::On(const CheckSampled& sampled) {
  CheckKey key = sampled.key;
  key.cgroup = 0;
  Profile& profile = book_.EditCheck(Charge(sampled.key.cgroup, sampled.time), key);
  Learn(profile, sampled);
  alert_may_come_ |= profile.baseline != 0;
}

void Monitor::On(const ProcessExec& exec) {
  const std::string key = Charge(exec.cgroup, exec.time);
  Profile& profile = book_.EditDetails(key);
  const auto named = [&] {
    const auto found = profile.binaries.find(exec.exe);
    return found != profile.binaries.end() && !found->second.empty();
  };
  const bool before = named();
  RaiseFor(profile, exec);
  Learn(profile, exec);
  if (!exec.existing && IsWorkload(profile.container, exec.exe_origin)) {
    LearnActivity(profile, exec.time, 1, StartUpTime(options_.stable_after));
    if (watched_from_ == 0 || exec.time < watched_from_) ++profile.unwatched;
  }
  if (!before || named()) return;
  for (const auto& [check, evidence] : profile.checks)  // they lost that name as well
    if (check.exe == exec.exe) book_.EditCheck(key, check);
}

void Monitor::On(const CapabilitiesSet& set) {
  Profile& profile = book_.EditDetails(Charge(set.cgroup, set.time));
  RaiseFor(profile, set);
  Learn(profile, set);
}

template <typename Event>
void Monitor::On(const Event& event) {
  Learn(book_.EditDetails(Charge(event.cgroup, event.time)), event);
}

void Monitor::On(const MapUsage& usage) { usage_ = usage; }

void Monitor::EvictEnded(size_t most) {
  while (book_.size() - folded_shares_.size() > most) {
    const std::optional<std::string> key = ended_.Next();
    if (!key) return;  // only live containers are left
    FoldAway(*key);
    index_.Evict(*key);
    Drop(*key);
    ++evicted_containers_;
  }
}

void Monitor::Drop(const std::string& key) {
  ForgetUnread(key);
  ended_.Remove(key);
  instances_.Remove(key);
  images_.Remove(key);
  without_baseline_.erase(key);
  book_.Remove(key);
}

}  // namespace capmon
