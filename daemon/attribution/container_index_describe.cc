// SPDX-License-Identifier: Apache-2.0
// The part of the index that applies reports of runtimes.
#include <algorithm>

#include "daemon/attribution/container_index.h"
#include "daemon/attribution/identity.h"

namespace capmon {

ContainerIndex::Learned ContainerIndex::Describe(const ContainerDescribed& described) {
  Learned learned;
  ContainerDescribed known = described;
  // A user's own engine declares no container: it names those of the user's slice.
  known.cgroup_path = described.by_user.empty() ? ContainerPath(described.cgroup_path) : "";
  descriptions_.Add(known);
  if (!known.cgroup_path.empty()) Declare(known, learned);
  for (const std::string& key : KeysFor(known.container_id, known.cgroup_path))
    ApplyDescriptions(Edit(entries_.at(key)));
  return learned;
}

// An earlier run that was seen from its start is one of this index.
void ContainerIndex::ApplyDescriptions(Container& container) {
  descriptions_.ApplyTo(container);
  if (!container.ran_before) return;
  container.ran_before = std::ranges::none_of(KeysFor(container.id, ""), [&](const auto& key) {
    const Container& other = entries_.at(key).container();
    return other.first_seen < container.first_seen && other.from_start && !other.ran_before;
  });
}

std::set<std::string> ContainerIndex::KeysFor(const std::string& id, const std::string& path) {
  for (const std::string& key : std::exchange(unindexed_, {})) {
    const Container* const container = Find(key);
    if (container == nullptr) continue;  // gone since
    ids_.Note(key, container->id);
    paths_.Note(key, container->cgroup_path);
  }
  std::set<std::string> keys = ids_.Of(id);
  if (path.empty()) return keys;
  for (const std::string& key : paths_.Of(path))
    if (entries_.at(key).container().removed == 0) keys.insert(key);
  return keys;
}

// Adds a container that a runtime reports at a path that does not show one.
void ContainerIndex::Declare(const ContainerDescribed& known, Learned& learned) {
  const std::string& path = known.cgroup_path;
  const CgroupIdentity by_path = IdentifyCgroup(path);
  const bool inside = by_path.kind == ContainerKind::kContainer && !IsTopLevelGuess(by_path) &&
                      by_path.cgroup_path != path;
  if (inside || OuterContainer(path, true) != nullptr) return;
  if (const auto there = key_by_path_.find(path); there != key_by_path_.end()) {
    Entry& entry = entries_.at(there->second);
    if (IsLongId(entry.container().id) || entry.container().id == known.container_id) return;
    Container& container = Edit(entry);
    container.id = known.container_id;
    if (container.name_source == kFromCgroup) container.name = known.container_id;
    return;
  }
  std::vector<CgroupId> part;
  for (const auto& [cgroup, state] : cgroups_)
    if (!state.removed && (state.path == path || state.path.starts_with(path + "/")))
      part.push_back(cgroup);
  if (part.empty()) return;
  std::ranges::sort(part);
  CgroupIdentity identity = AsMemberOf(by_path, path, known.container_id, known.runtime);
  identity.inner.clear();
  AddContainerFrom(identity, part, learned);
}

// Adds the container at a path, and moves cgroups that were charged to another container to it.
void ContainerIndex::AddContainerFrom(const CgroupIdentity& identity,
                                      const std::vector<CgroupId>& part, Learned& learned) {
  const auto own = std::ranges::find_if(
      part, [&](CgroupId cgroup) { return cgroups_.at(cgroup).path == identity.cgroup_path; });
  const Cgroup& first = cgroups_.at(own != part.end() ? *own : part.front());
  const std::string key = NewKey(own != part.end() ? *own : part.front(), first.made);
  learned.key = key;
  Entry& entry = Make(key, identity.kind, first.made);
  Fill(Edit(entry), identity);
  Edit(entry).cgroup = own != part.end() ? *own : 0;
  Edit(entry).from_start = own != part.end() && first.from_start;
  key_by_path_[identity.cgroup_path] = key;
  groups_.erase(identity.cgroup_path);
  std::set<std::string> owners;
  for (const CgroupId cgroup : part) {
    const std::string owner = cgroups_.at(cgroup).key;
    owners.insert(owner);
    MoveCgroup(cgroup, key);
  }
  for (const std::string& owner : owners) {
    Entry& rest = entries_.at(owner);
    const CgroupId top = rest.container().cgroup;
    if (rest.container().cgroup_path.starts_with(identity.cgroup_path + "/")) {
      // It was taken for a container of its own, but is inside this one.
      Absorb(owner, key, learned.merged);
    } else if (IsTopLevelGuess(rest.container()) && !rest.lived_in) {
      // It was only a group. Evidence charged to it belongs to this container if the group had no
      // other member.
      rest.mixed = rest.mixed || rest.cgroups.size() > (top != 0 ? 1 : 0);
      if (rest.mixed) continue;
      if (groups_.size() < kMaxGroups) groups_.insert(rest.container().cgroup_path);
      Absorb(owner, key, learned.merged);
      if (!cgroups_.contains(top)) continue;
      MoveCgroup(top, kHostKey);
      learned.groups.push_back(top);
    }
  }
}

// Moves a cgroup from one container to another.
void ContainerIndex::MoveCgroup(CgroupId cgroup, const std::string& key) {
  Cgroup& state = cgroups_.at(cgroup);
  Entry& from = entries_.at(state.key);
  Entry& to = entries_.at(key);
  state.key = key;
  from.cgroups.erase(cgroup);
  to.cgroups.insert(cgroup);
  if (state.removed) return;
  NoteHost(cgroup, key);
  --from.live_cgroups;
  ++to.live_cgroups;
}

}  // namespace capmon
