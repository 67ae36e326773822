// SPDX-License-Identifier: Apache-2.0
#include "daemon/monitor_workloads.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace capmon {
namespace {

// A process that was found running may have dropped what the container was given; its runtime's
// report is more complete. Only the process shows the level of its user namespace.
void UseRuntimesWord(Profile& profile) {
  if (!profile.container.granted) return;
  const uint8_t level = profile.held ? profile.held->userns_level : 0;
  profile.held = profile.container.granted;
  if (level != 0) profile.held->userns_level = level;
}

void SortInstances(WorkloadVersion& version) {
  std::ranges::stable_sort(version.instances, {}, [](const ProfileSnapshot& snapshot) {
    const Container& c = snapshot.container;
    return std::make_tuple(c.removed != 0, snapshot.folded(), -c.first_seen);
  });
}

}  // namespace

Profile ProfileSnapshot::Joined() const {
  Profile copy = *evidence;
  copy.container = container;
  if (!copy.held || copy.starts == 0) UseRuntimesWord(copy);
  copy.observed_until = observed_until;
  copy.backend = source->backend;
  copy.kernel = source->kernel;
  copy.outcomes = source->outcomes || source->ends_awaited;
  copy.blind_spots = source->blind_spots;
  return copy;
}

void InstanceIndex::Note(const Container& container) {
  if (const auto identity = IdentifyWorkload(container))
    keys_.Note(container.key, Print(identity->workload));
  else
    keys_.Remove(container.key);
}

SeenHere WorkloadSnapshot::Seen() const {
  SeenHere seen;
  for (const WorkloadVersion& version : versions)
    for (const ProfileSnapshot& instance : version.instances)
      seen.Add(instance.container, instance.evidence->folded);
  return seen;
}

std::vector<const ImportedEntry*> WorkloadSnapshot::ImportedOf(size_t version) const {
  if (imported == nullptr || !identity) return {};
  return RowsFor(*imported, name(), versions[version].digest);
}

WorkloadSnapshot ByVersion(std::optional<WorkloadIdentity> identity,
                           std::vector<ProfileSnapshot> instances) {
  WorkloadSnapshot workload;
  workload.identity = std::move(identity);
  std::map<std::string, WorkloadVersion> versions;
  for (ProfileSnapshot& instance : instances) {
    WorkloadVersion& version = versions[instance.container.image_digest];
    version.digest = instance.container.image_digest;
    version.newest = std::max(version.newest, instance.container.first_seen);
    version.instances.push_back(std::move(instance));
  }
  std::vector<ProfileSnapshot> unknown;
  if (versions.size() > 1)
    if (const auto nameless = versions.extract(""); !nameless.empty())
      unknown = std::move(nameless.mapped().instances);
  for (auto& [digest, version] : versions) {
    SortInstances(version);
    workload.versions.push_back(std::move(version));
  }
  std::ranges::stable_sort(workload.versions, {}, [](const WorkloadVersion& version) {
    return std::make_tuple(!version.runs(), -version.newest);
  });
  workload.of_unknown_image = unknown.size();
  std::vector<ProfileSnapshot>& newest = workload.versions.front().instances;
  newest.insert(newest.end(), std::make_move_iterator(unknown.begin()),
                std::make_move_iterator(unknown.end()));
  SortInstances(workload.versions.front());
  return workload;
}

WorkloadSnapshot OneOf(const ProfileSnapshot& instance, const ProvenWorkloads& proven) {
  WorkloadSnapshot one = ByVersion(IdentifyWorkload(instance.container), {instance});
  const auto all = proven.find(one.name());
  if (all == proven.end()) return one;
  one.whole = all->second;
  one.proofs = one.whole->proofs;
  return one;
}

std::vector<WorkloadSnapshot> ByWorkload(const std::vector<ProfileSnapshot>& all) {
  std::map<Workload, size_t> places;
  std::vector<std::pair<std::optional<WorkloadIdentity>, std::vector<ProfileSnapshot>>> groups;
  for (const ProfileSnapshot& snapshot : all) {
    std::optional<WorkloadIdentity> identity = IdentifyWorkload(snapshot.container);
    size_t place = groups.size();
    if (identity) place = places.emplace(identity->workload, place).first->second;
    if (place == groups.size()) groups.emplace_back(std::move(identity), 0);
    groups[place].second.push_back(snapshot);
  }
  std::vector<WorkloadSnapshot> workloads;
  for (auto& [identity, instances] : groups)
    workloads.push_back(ByVersion(std::move(identity), std::move(instances)));
  return workloads;
}

}  // namespace capmon
