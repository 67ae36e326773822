// SPDX-License-Identifier: Apache-2.0
// What of the monitor's state lives on elsewhere: telling what changed, and going on from it.
#include <algorithm>
#include <utility>

#include "daemon/monitor.h"
#include "daemon/profile/learn.h"

namespace capmon {

Monitor::Touched* Monitor::Touch(const std::string& key) {
  return options_.track_changes ? &touched_[key] : nullptr;
}

void Monitor::TouchCheck(const Profile& profile, const CheckKey& key) {
  if (Touched* touched = Touch(profile.container.key)) touched->checks.insert(key);
}

void Monitor::TouchDetails(const std::string& key) {
  if (Touched* touched = Touch(key)) touched->details = true;
}

void Monitor::TouchAll(const std::string& key) {
  if (Touched* touched = Touch(key)) touched->details = touched->replaced = true;
}

// Grows only while nobody takes the changes; what is too much then is found again by a scan.
void Monitor::NoteCgroup(CgroupId cgroup, std::optional<CgroupPlace> place) {
  if (!options_.track_changes || changes_.cgroups.size() >= ContainerIndex::kMaxCgroups) return;
  changes_.cgroups[cgroup] = std::move(place);
}

void Monitor::MoveCgroups(const std::string& from, const std::string& to) {
  if (!options_.track_changes) return;
  for (auto& [earlier, target] : changes_.moved)
    if (target == from) target = to;
  changes_.moved[from] = to;
  for (auto& [cgroup, place] : changes_.cgroups)
    if (place && place->container == from) place->container = to;
}

void Monitor::Drop(const std::string& key) {
  touched_.erase(key);
  ended_.Remove(key);
  if (options_.track_changes) changes_.gone.push_back(key);
  profiles_.erase(key);
}

void Monitor::Rollback(MonitorChanges changes) {
  for (const auto& [key, profile] : profiles_) TouchAll(key);
  changes_.whole = true;
  changes_.gone.clear();
  changes_.moved.merge(changes.moved);
  changes_.cgroups.merge(changes.cgroups);  // what is newer stays
}

MonitorChanges Monitor::DrainChanges() {
  MonitorChanges changes = std::exchange(changes_, {});
  changes.time = now_;
  for (const auto& [key, touched] : std::exchange(touched_, {})) {
    const auto found = profiles_.find(key);
    if (found == profiles_.end()) continue;
    Profile& profile = found->second;
    MonitorChanges::Changed changed;
    changed.details = touched.details;
    changed.replaced = touched.replaced;
    // The checks may be thousands: out of the way while the rest is copied.
    auto checks = std::exchange(profile.checks, {});
    changed.profile = profile;
    profile.checks = std::move(checks);
    if (touched.replaced) changed.profile.checks = profile.checks;
    for (const CheckKey& check : touched.checks)
      if (const auto known = profile.checks.find(check); known != profile.checks.end())
        changed.profile.checks.insert(*known);
    changes.profiles.push_back(std::move(changed));
  }
  return changes;
}

void Monitor::Restore(MonitorState state) {
  now_ = std::max(now_, state.time);
  for (Profile& profile : state.profiles) {
    if (profile.container.removed == 0)
      profile.observed_until = std::max(profile.observed_until, state.time);
    index_.Restore(profile.container, !profile.checks.empty());
    NoteEnded(profile.container);
    if (profile.container.removed != 0) succession_.Remember(profile, sites_);
    const std::string key = profile.container.key;
    profiles_[key] = std::move(profile);
  }
  for (const auto& [cgroup, place] : state.cgroups)
    index_.Restore(cgroup, place.container, place.path);
  EvictEnded(options_.max_containers);
}

void Monitor::NoteGap(const Gap& gap) {
  for (auto& [key, profile] : profiles_) {
    if (profile.container.removed != 0) continue;
    Learn(profile, gap);
    TouchDetails(key);
  }
}

}  // namespace capmon
