// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence_book.h"

#include <utility>

#include "daemon/attribution/container_index.h"

namespace capmon {

const Profile* EvidenceBook::Find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second.profile.get();
}

std::vector<std::string> EvidenceBook::Keys() const {
  std::vector<std::string> keys;
  keys.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) keys.push_back(key);
  return keys;
}

std::optional<std::string> EvidenceBook::KeyAfter(const std::string& key) const {
  auto next = entries_.upper_bound(key);
  if (next == entries_.end()) next = entries_.begin();
  return next == entries_.end() ? std::nullopt : std::optional(next->first);
}

std::shared_ptr<const Profile> EvidenceBook::Share(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  found->second.shared = true;
  return found->second.profile;
}

EvidenceBook::Marks& EvidenceBook::Mark(const std::string& key) {
  return track_changes_ ? marks_[key] : ignored_ = {};
}

Profile& EvidenceBook::Own(const std::string& key) {
  Entry& entry = entries_.at(key);
  if (std::exchange(entry.shared, false)) entry.profile = std::make_shared<Profile>(*entry.profile);
  return *entry.profile;
}

Profile& EvidenceBook::Edit(const std::string& key) {
  Mark(key);
  return Own(key);
}

Profile& EvidenceBook::EditCheck(const std::string& key, const CheckKey& check) {
  Mark(key).checks.insert(check);
  return Own(key);
}

Profile& EvidenceBook::EditDetails(const std::string& key) {
  Mark(key).details = true;
  return Own(key);
}

Profile& EvidenceBook::Replace(const std::string& key) {
  Marks& marks = Mark(key);
  marks.details = marks.replaced = true;
  return Own(key);
}

Profile& EvidenceBook::Open(const Container& container) {
  if (!Contains(container.key)) {
    Profile fresh;
    fresh.container = container;
    Load(std::move(fresh));
  }
  return Edit(container.key);
}

void EvidenceBook::Describe(const Container& container) {
  const Profile* const profile = Find(container.key);
  if (profile != nullptr && profile->container != container)
    Edit(container.key).container = container;
}

void EvidenceBook::Remove(const std::string& key) {
  marks_.erase(key);
  if (track_changes_) changes_.gone.push_back(key);
  entries_.erase(key);
}

void EvidenceBook::Load(Profile profile) {
  const std::string key = profile.container.key;
  entries_[key] = {std::make_shared<Profile>(std::move(profile))};
}

// Grows only while nothing drains the changes; a rescan finds a cgroup that was dropped.
void EvidenceBook::NoteCgroup(CgroupId cgroup, std::optional<CgroupPlace> place) {
  if (!track_changes_ || changes_.cgroups.size() >= ContainerIndex::kMaxCgroups) return;
  changes_.cgroups[cgroup] = std::move(place);
}

void EvidenceBook::MoveCgroups(const std::string& from, const std::string& to) {
  if (!track_changes_) return;
  for (auto& [earlier, target] : changes_.moved)
    if (target == from) target = to;
  changes_.moved[from] = to;
  for (auto& [cgroup, place] : changes_.cgroups)
    if (place && place->container == from) place->container = to;
}

void EvidenceBook::NoteApproval(const std::string& workload, std::optional<Approval> approval) {
  if (track_changes_) changes_.approvals[workload] = std::move(approval);
}

void EvidenceBook::NoteImported(const ImportedKey& key, std::optional<ImportedRow> row) {
  if (track_changes_) changes_.imported[key] = std::move(row);
}

void EvidenceBook::NoteProof(const ProofKey& key, std::optional<Proof> proof) {
  if (track_changes_) changes_.proofs[key] = std::move(proof);
}

MonitorChanges EvidenceBook::Drain() {
  MonitorChanges changes = std::exchange(changes_, {});
  for (const auto& [key, marks] : std::exchange(marks_, {})) {
    Profile& profile = Own(key);
    MonitorChanges::Changed changed;
    changed.details = marks.details;
    changed.replaced = marks.replaced;
    // There may be thousands of checks: moves them away while the rest is copied.
    auto checks = std::exchange(profile.checks, {});
    changed.profile = profile;
    profile.checks = std::move(checks);
    if (marks.replaced) changed.profile.checks = profile.checks;
    for (const CheckKey& check : marks.checks)
      if (const auto known = profile.checks.find(check); known != profile.checks.end())
        changed.profile.checks.insert(*known);
    changes.profiles.push_back(std::move(changed));
  }
  return changes;
}

void EvidenceBook::Rollback(MonitorChanges changes) {
  for (const std::string& key : Keys()) Replace(key);
  changes_.whole = true;
  changes_.gone.clear();
  changes_.moved.merge(changes.moved);
  changes_.cgroups.merge(changes.cgroups);  // newer changes stay
  changes_.approvals.merge(changes.approvals);
  changes_.imported.merge(changes.imported);
  changes_.proofs.merge(changes.proofs);
}

}  // namespace capmon
