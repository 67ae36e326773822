// SPDX-License-Identifier: Apache-2.0
#include "daemon/monitor.h"

#include <algorithm>
#include <utility>

#include "daemon/attribution/container_reference.h"
#include "daemon/attribution/identity.h"
#include "daemon/model/loss.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/learn.h"
#include "daemon/profile/unknowable.h"

namespace capmon {
namespace {

// A process that was found running may have given up what the container was given; its runtime's
// word says more. Where in the tree of user namespaces it runs, only the process shows.
void UseRuntimesWord(Profile& profile) {
  if (!profile.container.granted) return;
  const uint8_t level = profile.held ? profile.held->userns_level : 0;
  profile.held = profile.container.granted;
  if (level != 0) profile.held->userns_level = level;
}

}  // namespace

Monitor::Monitor(const CallSites& sites, Options options) : sites_(sites), options_(options) {}

void Monitor::Apply(const KernelEvent& event) {
  now_ = std::max(now_, TimeOf(event));
  std::visit([this](const auto& e) { Take(e); }, event);
}

Profile& Monitor::ProfileOf(CgroupId cgroup, TimeNs time) {
  return ProfileOf(index_.Of(cgroup, time), time);
}

Profile& Monitor::ProfileOf(const Container& container, TimeNs time) {
  Profile& profile = profiles_[container.key];
  if (profile.observed_from == 0) {
    profile.observed_from = profile.last_news = time;
    if (container.kind == ContainerKind::kUnknown && container.cgroup != 0)
      NoteCgroup(container.cgroup, CgroupPlace{container.key, ""});
  }
  if (profile.container != container) profile.container = container;
  Touch(container.key);
  return profile;
}

void Monitor::Take(const SourceStarted& started) {
  if (started_ == 0) started_ = started.time;
  source_ = started;
}

void Monitor::MoveEvidence(const std::vector<ContainerIndex::Merge>& merged) {
  for (const ContainerIndex::Merge& merge : merged) {
    const auto from = profiles_.find(merge.from);
    if (from == profiles_.end()) continue;
    Profile& to = profiles_[merge.to];
    Merge(to, from->second);
    if (const Container* container = index_.Find(merge.to)) to.container = *container;
    TouchAll(merge.to);
    MoveCgroups(merge.from, merge.to);
    Drop(merge.from);
  }
}

void Monitor::Take(const CgroupMade& made) {
  const ContainerIndex::Learned learned = index_.Learn(made);
  MoveEvidence(learned.merged);
  ProfileOf(*index_.Find(learned.key), made.time);
  if (succession_.Inherit(profiles_[learned.key])) TouchDetails(learned.key);
  NoteCgroup(made.cgroup, CgroupPlace{learned.key, made.path});
  // Not at once: their last counts may still be on the way. Clock comes after those.
  EvictEnded(2 * options_.max_containers);
}

void Monitor::Take(const CgroupRemoved& removed) {
  if (!index_.Knows(removed.cgroup)) return;  // nobody was charged with anything there
  Profile& profile = ProfileOf(removed.cgroup, removed.time);
  index_.Forget(removed);
  if (const Container* container = index_.Find(profile.container.key); container != nullptr)
    profile.container = *container;
  profile.observed_until = removed.time;
  NoteEnded(profile.container);
  if (profile.container.removed != 0) succession_.Remember(profile, sites_);
  NoteCgroup(removed.cgroup, std::nullopt);
}

void Monitor::Take(const ChecksCounted& counted) {
  checks_ += counted.counts.count;
  Profile& profile = ProfileOf(counted.key.cgroup, counted.time);
  const bool fresh = Learn(profile, counted);

  CheckKey key = counted.key;
  key.cgroup = 0;
  TouchCheck(profile, key);
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
  if (fresh && !TraitsOf(judged.verdict).without_need) profile.last_news = counted.time;
  if (!TraitsOf(judged.verdict).without_need && counted.unread_since == 0)
    LearnActivity(profile, counted.time, counted.counts.count, StartUpTime(options_.stable_after));
  if (on_watch_) on_watch_({counted.time, profile.container, judged});
  if (IsOwn(counted.key)) return;
  if (std::optional<Alert> alert = AlertFor(profile, judged, counted.time, sites_))
    Raise(*std::move(alert));
}

void Monitor::Take(const ContainerDescribed& described) {
  const ContainerIndex::Learned learned = index_.Describe(described);
  MoveEvidence(learned.merged);
  const Container* container = index_.Find(learned.key);
  if (container == nullptr) return;
  if (succession_.Inherit(ProfileOf(*container, described.time))) TouchDetails(learned.key);
  for (const auto& [cgroup, path] : index_.CgroupsOf(learned.key))
    NoteCgroup(cgroup, CgroupPlace{learned.key, path});
  for (const CgroupId group : learned.groups)
    NoteCgroup(group, CgroupPlace{kHostKey, "/" + index_.InnerPathOf(group)});
}

// The container may have been evicted since the request.
void Monitor::Take(const ProfileReset& reset) {
  const auto found = profiles_.find(reset.container);
  if (found == profiles_.end()) return;
  Profile& profile = found->second;
  Profile fresh;
  fresh.container = profile.container;
  fresh.held = profile.held;
  fresh.binaries = profile.binaries;
  fresh.surroundings = profile.surroundings;
  fresh.entry_pid = profile.entry_pid;
  fresh.entry_exes = profile.entry_exes;
  fresh.observed_from = fresh.last_news = now_;
  profile = std::move(fresh);
  TouchAll(reset.container);
}

void Monitor::Take(const BaselineSet& set) {
  const auto found = profiles_.find(set.container);
  if (found == profiles_.end()) return;
  found->second.baseline = now_;
  Touch(set.container);
}

void Monitor::Take(const EvidenceLost& lost) {
  lost_[lost.cause] += lost.count;
  if (lost.cgroup != 0) {
    Profile& profile = ProfileOf(lost.cgroup, lost.time);
    profile.losses[lost.cause] += lost.count;
    return;
  }
  if (KindOfLoss(lost.cause) != LossKind::kEvidence) return;
  for (auto& [key, profile] : profiles_)
    if (profile.container.removed == 0) {
      profile.losses[lost.cause] += lost.count;
      Touch(key);
    }
}

void Monitor::Take(const Clock& clock) {
  now_ = clock.time;  // also when it was set back
  for (auto& [key, profile] : profiles_) {
    const Container* const container = index_.Find(key);
    if (container != nullptr && *container != profile.container) {
      profile.container = *container;
      NoteEnded(profile.container);
      Touch(key);
    }
    if (profile.container.removed == 0) profile.observed_until = clock.time;
    if (profile.baseline == 0 && options_.baseline_after > 0 &&
        clock.time - profile.observed_from >= options_.baseline_after) {
      profile.baseline = clock.time;
      Touch(key);
    }
  }
  EvictEnded(options_.max_containers);
  PublishPending();
}

void Monitor::Take(const CheckSampled& sampled) {
  Profile& profile = ProfileOf(sampled.key.cgroup, sampled.time);
  Learn(profile, sampled);
  CheckKey key = sampled.key;
  key.cgroup = 0;
  TouchCheck(profile, key);
}

void Monitor::Take(const ProcessExec& exec) {
  Profile& profile = ProfileOf(exec.cgroup, exec.time);
  const auto named = [&] {
    const auto found = profile.binaries.find(exec.exe);
    return found != profile.binaries.end() && !found->second.empty();
  };
  const bool before = named();
  Learn(profile, exec);
  if (!exec.existing && IsWorkload(profile.container, exec.exe_origin))
    LearnActivity(profile, exec.time, 1, StartUpTime(options_.stable_after));
  TouchDetails(profile.container.key);
  if (!before || named()) return;
  for (const auto& [key, evidence] : profile.checks)  // they lost that name as well
    if (key.exe == exec.exe) TouchCheck(profile, key);
}

template <typename Event>
void Monitor::Take(const Event& event) {
  // Read later than it happened: of a cgroup long gone it would be nobody's.
  if (std::is_same_v<Event, FileRead> && !index_.Knows(event.cgroup)) return;
  Profile& profile = ProfileOf(event.cgroup, event.time);
  Learn(profile, event);
  TouchDetails(profile.container.key);
}

void Monitor::Take(const MapUsage& usage) { usage_ = usage; }

void Monitor::NoteEnded(const Container& container) {
  if (container.removed != 0)
    ended_.Add(container);
  else
    ended_.Remove(container.key);  // a unit may start again
}

void Monitor::EvictEnded(size_t most) {
  while (profiles_.size() > most) {
    const std::optional<std::string> key = ended_.Next();
    if (!key) return;  // only the living are left
    index_.Evict(*key);
    Drop(*key);
    ++evicted_containers_;
  }
}

// What everyone shares is added when a profile leaves.
Profile Monitor::Finished(const Profile& profile) const {
  Profile copy = profile;
  if (const Container* container = index_.Find(profile.container.key)) copy.container = *container;
  if (!copy.held || copy.starts == 0) UseRuntimesWord(copy);
  copy.backend = source_.backend;
  copy.kernel = source_.kernel;
  copy.outcomes = source_.outcomes;
  copy.blind_spots = source_.blind_spots;
  return copy;
}

std::vector<Profile> Monitor::Profiles() const {
  std::vector<Profile> result;
  for (const auto& [key, profile] : profiles_) result.push_back(Finished(profile));
  std::stable_sort(result.begin(), result.end(), [](const Profile& a, const Profile& b) {
    const bool a_runs = a.container.removed == 0;
    const bool b_runs = b.container.removed == 0;
    return a_runs != b_runs ? a_runs : a.container.name < b.container.name;
  });
  return result;
}

absl::StatusOr<std::string> Monitor::KeyOf(const std::string& reference) const {
  absl::StatusOr<std::string> key = Resolve(reference, index_.All());
  if (key.ok() && !profiles_.contains(*key))
    return absl::NotFoundError("nothing is known of \"" + reference + "\" yet");
  return key;
}

absl::StatusOr<Profile> Monitor::Find(const std::string& reference) const {
  const absl::StatusOr<std::string> key = KeyOf(reference);
  if (!key.ok()) return key.status();
  return Finished(profiles_.at(*key));
}

std::optional<Profile> Monitor::Get(const std::string& key) const {
  const auto found = profiles_.find(key);
  return found == profiles_.end() ? std::nullopt : std::optional(Finished(found->second));
}

bool Monitor::IsLearning(TimeNs younger_than) const {
  return std::any_of(profiles_.begin(), profiles_.end(), [&](const auto& entry) {
    const Profile& profile = entry.second;
    return profile.container.removed == 0 && profile.container.kind != ContainerKind::kHost &&
           now_ - profile.observed_from < younger_than;
  });
}

bool Monitor::WantsFile(const ProcessExec& exec) {
  const auto found = profiles_.find(index_.Of(exec.cgroup, now_).key);
  return found != profiles_.end() && capmon::WantsFile(found->second, exec);
}

std::string Monitor::RootOf(CgroupId cgroup) {
  const Container& container = index_.Of(cgroup, now_);
  return container.kind == ContainerKind::kContainer ? container.root : "/";
}

std::optional<std::set<CgroupId>> Monitor::GroupsSince(uint64_t& version) const {
  if (std::exchange(version, index_.host_cgroups_version()) == index_.host_cgroups_version())
    return std::nullopt;
  return index_.HostCgroups();
}

bool Monitor::CanAttribute(CgroupId cgroup) {
  return index_.Of(cgroup, now_).kind != ContainerKind::kUnknown;
}

MonitorStatus Monitor::Status() const {
  MonitorStatus status;
  status.source = source_;
  status.started = started_;
  status.lost = lost_;
  for (const auto& [cgroup, keys] : usage_.largest) {
    const Container* const container = index_.Owner(std::strtoull(cgroup.c_str(), nullptr, 10));
    const std::string name = container == nullptr ? "cgroup-" + cgroup : container->name;
    status.largest[name] += std::strtoull(keys.c_str(), nullptr, 10);
  }
  for (const auto& [key, profile] : profiles_)
    if (!profile.losses.empty())
      status.losing.emplace_back(
          profile.container.name.empty() ? profile.container.id : profile.container.name,
          profile.losses);
  const auto weight = [](const auto& one) {
    return std::make_pair(
        LossesOfKind(one.second, LossKind::kEvidence),
        LossesOfKind(one.second, LossKind::kOutcome) + LossesOfKind(one.second, LossKind::kDetail));
  };
  std::stable_sort(status.losing.begin(), status.losing.end(),
                   [&](const auto& a, const auto& b) { return weight(a) > weight(b); });
  if (status.losing.size() > MonitorStatus::kMostLosing)
    status.losing.resize(MonitorStatus::kMostLosing);
  status.counters = {{"containers", profiles_.size()},
                     {"checks", checks_},
                     {"map_entries", usage_.used},
                     {"map_capacity", usage_.capacity},
                     {"map_freed", usage_.freed},
                     {"evicted_containers", evicted_containers_},
                     {"evicted_alerts", evicted_alerts_},
                     {"merged_alerts", merged_alerts_},
                     {"unnamed_cgroups", index_.unnamed()},
                     {"dropped_cgroups", index_.dropped_cgroups()},
                     {"dropped_descriptions", index_.dropped_descriptions()}};
  return status;
}

}  // namespace capmon
