// SPDX-License-Identifier: Apache-2.0
// What the monitor answers: snapshots by reference, and its state in numbers.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/container_reference.h"
#include "daemon/model/loss.h"
#include "daemon/monitor.h"
#include "daemon/profile/confidence.h"
#include "daemon/profile/filtered_calls.h"
#include "daemon/profile/new_files.h"

namespace capmon {
namespace {

// What was started: its image, or where it has none its root, the first program and its arguments.
// "" until that was seen. Another container with the same shows the same at its start.
std::string ProgramStarted(const Profile& profile) {
  if (profile.starts == 0 || profile.entry_exes.empty()) return "";
  const Container& container = profile.container;
  const std::string& image =
      container.image_digest.empty() ? container.image : container.image_digest;
  const auto binary = profile.binaries.find(*profile.entry_exes.begin());
  return absl::StrCat(image.empty() ? container.root : image, " ",
                      binary == profile.binaries.end() ? "" : binary->second, " ",
                      profile.entry_arguments);
}

}  // namespace

ProfileSnapshot Monitor::SnapshotOfKey(const std::string& key) const {
  std::shared_ptr<const Profile> evidence = book_.Share(key);
  const Container* const container = index_.Find(key);
  ProfileSnapshot snapshot{evidence, container == nullptr ? evidence->container : *container,
                           source_};
  const bool runs = snapshot.container.removed == 0;
  snapshot.observed_until = runs && clock_ != 0 ? clock_ : snapshot.evidence->observed_until;
  return snapshot;
}

std::vector<ProfileSnapshot> Monitor::Snapshots(bool folded) const {
  std::vector<ProfileSnapshot> result;
  for (const std::string& key : book_.Keys())
    if (folded || book_.Find(key)->folded.instances == 0) result.push_back(SnapshotOfKey(key));
  std::stable_sort(result.begin(), result.end(),
                   [](const ProfileSnapshot& a, const ProfileSnapshot& b) {
                     const bool a_runs = a.container.removed == 0;
                     const bool b_runs = b.container.removed == 0;
                     return a_runs != b_runs ? a_runs : a.container.name < b.container.name;
                   });
  return result;
}

std::vector<Profile> Monitor::Profiles() const {
  std::vector<Profile> result;
  for (const ProfileSnapshot& snapshot : Snapshots()) result.push_back(snapshot.Joined());
  return result;
}

absl::StatusOr<std::string> Monitor::KeyOf(const std::string& reference) const {
  absl::StatusOr<std::string> key = Resolve(reference, index_.All());
  if (key.ok() && !book_.Contains(*key))
    return absl::NotFoundError("nothing is known of \"" + reference + "\" yet");
  return key;
}

absl::StatusOr<ProfileSnapshot> Monitor::SnapshotOf(const std::string& reference) const {
  const Profile* const exact = book_.Find(reference);
  if (exact != nullptr && exact->folded.instances > 0) return SnapshotOfKey(reference);
  const absl::StatusOr<std::string> key = KeyOf(reference);
  if (!key.ok()) return key.status();
  return SnapshotOfKey(*key);
}

// A workload's name in full needs no search, which would take long where thousands are known. Names
// that may also mean one container are searched for.
bool Monitor::IsFullName(const std::string& reference) const {
  const bool ambiguous = reference == "host" || reference.starts_with("unit:") ||
                         (reference.starts_with("image:") && reference.find('+') == reference.npos);
  return !ambiguous && (!instances_.Of(reference).empty() || folded_.contains(reference));
}

absl::StatusOr<Referred> Monitor::Refer(const std::string& reference) const {
  if (IsFullName(reference))
    if (const auto workload = ParseWorkload(reference)) return Referred{workload, ""};
  std::vector<const Container*> all = index_.All();
  for (const auto& [workload, keys] : folded_)
    for (const std::string& key : keys) all.push_back(&book_.Find(key)->container);
  return ResolveWorkload(reference, all);
}

absl::StatusOr<WorkloadSnapshot> Monitor::WorkloadOf(const std::string& reference,
                                                     bool instance) const {
  if (!instance) {
    const absl::StatusOr<Referred> referred = Refer(reference);
    if (!referred.ok()) return referred.status();
    if (referred->workload)
      if (auto workload = InstancesAsOne(Print(*referred->workload))) return *std::move(workload);
  }
  const absl::StatusOr<ProfileSnapshot> snapshot = SnapshotOf(reference);
  if (!snapshot.ok()) return snapshot.status();
  std::optional<WorkloadIdentity> identity = IdentifyWorkload(snapshot->container);
  const ContainerKind kind = snapshot->container.kind;
  // The name of a unit is that of its workload; so is the host's.
  if (!instance && identity && (kind == ContainerKind::kUnit || kind == ContainerKind::kHost))
    if (auto workload = InstancesAsOne(Print(identity->workload))) return *std::move(workload);
  std::vector<ProfileSnapshot> lives = {*snapshot};
  // A container that was stopped and started again is one: what it did with new files, it did in
  // its first life.
  if (identity && KeepsFiles(snapshot->container))
    for (const Profile* const life : InstancesOf(Print(identity->workload)))
      if (life->folded.instances == 0 && life->container.id == snapshot->container.id &&
          life->container.key != snapshot->container.key)
        lives.push_back(SnapshotOfKey(life->container.key));
  WorkloadSnapshot workload = ByVersion(std::move(identity), std::move(lives));
  workload.proofs = ProofsOf(workload.name());
  if (workload.proofs == nullptr) return workload;
  if (auto all = InstancesAsOne(workload.name()))
    workload.whole = std::make_shared<const WorkloadSnapshot>(*std::move(all));
  return workload;
}

std::optional<std::set<CgroupId>> Monitor::CgroupsOf(const std::string& reference) const {
  const absl::StatusOr<Referred> referred = Refer(reference);
  if (!referred.ok()) return std::nullopt;
  std::set<std::string> keys;
  if (referred->workload) keys = instances_.Of(Print(*referred->workload));
  // As an instance, a name may mean another container than as a workload.
  if (const auto instance = KeyOf(reference); instance.ok() && !IsFullName(reference))
    keys.insert(*instance);
  if (!referred->key.empty()) {
    keys.insert(referred->key);
    // Another instance may withdraw a proof.
    const Container* const container = index_.Find(referred->key);
    const auto identity = container == nullptr ? std::nullopt : IdentifyWorkload(*container);
    const std::string workload = identity ? Print(identity->workload) : "";
    if (proofs_.contains(workload)) keys.merge(std::set(instances_.Of(workload)));
  }
  std::set<CgroupId> cgroups;
  for (const std::string& key : keys)
    if (const std::set<CgroupId>* const of_key = index_.AllCgroupsOf(key))
      cgroups.insert(of_key->begin(), of_key->end());
  if (cgroups.empty()) return std::nullopt;
  return cgroups;
}

ProvenWorkloads Monitor::Proven() const {
  ProvenWorkloads proven;
  for (const auto& [workload, proofs] : proofs_)
    if (auto all = InstancesAsOne(workload))
      proven[workload] = std::make_shared<const WorkloadSnapshot>(*std::move(all));
  return proven;
}

// Returns nothing if there is no instance.
std::optional<WorkloadSnapshot> Monitor::InstancesAsOne(const std::string& name) const {
  std::vector<ProfileSnapshot> instances;
  for (const Profile* const profile : InstancesOf(name))
    instances.push_back(SnapshotOfKey(profile->container.key));
  if (instances.empty()) return std::nullopt;
  std::optional<WorkloadIdentity> identity = IdentifyWorkload(instances.front().container);
  WorkloadSnapshot workload = ByVersion(std::move(identity), std::move(instances));
  workload.approved = ApprovalOf(name);
  workload.imported = Imported();
  workload.proofs = ProofsOf(name);
  return workload;
}

absl::StatusOr<Profile> Monitor::Find(const std::string& reference) const {
  const absl::StatusOr<ProfileSnapshot> snapshot = SnapshotOf(reference);
  if (!snapshot.ok()) return snapshot.status();
  return snapshot->Joined();
}

std::optional<Profile> Monitor::Get(const std::string& key) const {
  if (!book_.Contains(key)) return std::nullopt;
  return SnapshotOfKey(key).Joined();
}

std::vector<YoungContainer> Monitor::Young(TimeNs younger_than) const {
  std::vector<YoungContainer> young;
  book_.ForEach([&](const Profile& profile) {
    const TimeNs age = now_ - profile.observed_from;
    if (profile.container.removed != 0 || profile.container.kind == ContainerKind::kHost ||
        age >= younger_than)
      return;
    young.push_back({profile.container.key, ProgramStarted(profile), age, now_ - profile.last_news,
                     !SilentlyGated(profile).empty()});
  });
  return young;
}

bool Monitor::AwaitsUse() const {
  return book_.Any([&](const Profile& profile) {
    return profile.container.removed == 0 && profile.container.kind != ContainerKind::kHost &&
           capmon::AwaitsUse(profile);
  });
}

std::string Monitor::RootOf(CgroupId cgroup) {
  const Container& container = index_.FindOrAdd(cgroup, now_);
  return container.kind == ContainerKind::kContainer ? container.root : "/";
}

std::optional<std::set<CgroupId>> Monitor::GroupsSince(uint64_t& version) const {
  if (std::exchange(version, index_.host_cgroups_version()) == index_.host_cgroups_version())
    return std::nullopt;
  return index_.HostCgroups();
}

bool Monitor::CanAttribute(CgroupId cgroup) {
  return index_.FindOrAdd(cgroup, now_).kind != ContainerKind::kUnknown;
}

MonitorStatus Monitor::Status() const {
  MonitorStatus status;
  status.source = *source_;
  status.started = started_;
  status.lost = lost_;
  for (const auto& [cgroup, keys] : usage_.largest) {
    const Container* const container = index_.Owner(std::strtoull(cgroup.c_str(), nullptr, 10));
    const std::string name = container == nullptr ? "cgroup-" + cgroup : container->name;
    status.largest[name] += std::strtoull(keys.c_str(), nullptr, 10);
  }
  book_.ForEach([&](const Profile& profile) {
    if (profile.folded.instances != 0) return;
    const Container& container = profile.container;
    ++(container.removed == 0 ? status.running : status.ended)[container.kind];
    if (!profile.losses.empty())
      status.losing.emplace_back(container.name.empty() ? container.id : container.name,
                                 profile.losses);
  });
  status.checks = checks_of_;
  const auto weight = [](const auto& one) {
    return std::make_pair(
        LossesOfKind(one.second, LossKind::kEvidence),
        LossesOfKind(one.second, LossKind::kOutcome) + LossesOfKind(one.second, LossKind::kDetail));
  };
  std::stable_sort(status.losing.begin(), status.losing.end(),
                   [&](const auto& a, const auto& b) { return weight(a) > weight(b); });
  if (status.losing.size() > MonitorStatus::kMostLosing)
    status.losing.resize(MonitorStatus::kMostLosing);
  uint64_t excepted = 0;
  for (const AlertExceptions::Counted& one : exceptions_.all()) excepted += one.checks;
  status.counters = {{"containers", book_.size() - folded_shares_.size()},
                     {"folded_profiles", folded_shares_.size()},
                     {"evicted_folded_profiles", evicted_folded_},
                     {"evicted_without_workload", unfolded_containers_},
                     {"approvals", approvals_.size()},
                     {"imported_rows", imported_->size()},
                     {"dropped_imports", dropped_imports_},
                     {"proofs", CountProofs()},
                     {"evicted_proofs", evicted_proofs_},
                     {"checks", checks_},
                     {"map_entries", usage_.used},
                     {"map_capacity", usage_.capacity},
                     {"map_freed", usage_.freed},
                     {"evicted_containers", evicted_containers_},
                     {"evicted_alerts", evicted_alerts_},
                     {"merged_alerts", merged_alerts_},
                     {"held_back_alerts", volume_.held_back()},
                     {"excepted_checks", excepted},
                     {"unnamed_cgroups", index_.unnamed()},
                     {"dropped_cgroups", index_.dropped_cgroups()},
                     {"dropped_descriptions", index_.dropped_descriptions()}};
  return status;
}

}  // namespace capmon
