// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/container_index.h"

#include <functional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

constexpr char kHostKey[] = "host";
constexpr char kSharedKey[] = "unknown";
constexpr char kFromCgroup[] = "cgroup";
constexpr size_t kShortId = 12;
constexpr size_t kMaxGroups = 1024;
constexpr size_t kMaxLabels = 64;

void Fill(Container& container, const CgroupIdentity& identity) {
  container.kind = identity.kind;
  container.id = identity.id;
  container.name = IsLongId(identity.id) ? identity.id.substr(0, kShortId) : identity.id;
  container.name_source = kFromCgroup;
  container.runtime = identity.runtime;
  container.pod_uid = identity.pod_uid;
  container.cgroup_path = identity.cgroup_path;
}

void AddText(std::string& field, const std::string& news) {
  if (field.empty()) field = news;
}

void AddLabels(std::map<std::string, std::string>& labels,
               const std::map<std::string, std::string>& news) {
  for (const auto& label : news)
    if (labels.size() < kMaxLabels) labels.insert(label);
}

bool CountsAsUnnamed(const Container& container) {
  return container.kind == ContainerKind::kUnknown && container.removed == 0 &&
         container.key != kSharedKey;
}

// Known only as a top-level cgroup outside systemd's tree: a container, or a group of them.
bool IsPlain(const Container& container) {
  return container.kind == ContainerKind::kContainer && container.runtime.empty() &&
         !IsLongId(container.id) && container.cgroup_path == "/" + container.id;
}

}  // namespace

ContainerIndex::ContainerIndex() {
  Container& host = Make(kHostKey, ContainerKind::kHost, 0).container;
  host.id = host.name = kHostKey;
  host.cgroup_path = "/";
}

ContainerIndex::Learned ContainerIndex::Learn(const CgroupMade& made) {
  const size_t path_hash = std::hash<std::string>()(made.path);
  std::string stand_in;
  if (const auto known = cgroups_.find(made.cgroup); known != cgroups_.end()) {
    const Cgroup& cgroup = known->second;
    if (!cgroup.removed && cgroup.path_hash == path_hash) return {cgroup.key, {}};
    if (CountsAsUnnamed(entries_.at(cgroup.key).container)) {
      stand_in = cgroup.key;
    } else {  // the id is used again, and its removal may have been missed
      Forget({made.time, made.cgroup});
      Detach(made.cgroup);
    }
  }
  Learned learned;
  const CgroupIdentity identity = Identify(made.path, learned.merged);
  if (identity.kind == ContainerKind::kUnknown) {
    learned.key = Of(made.cgroup, made.time).key;
    return learned;
  }
  learned.key = Place(identity, made, stand_in);
  if (!stand_in.empty() && stand_in != learned.key) Absorb(stand_in, learned.key, learned.merged);
  Attach(made.cgroup, learned.key, path_hash);
  return learned;
}

// The path's own word, corrected by what is known of the top-level cgroup it is under. By path
// alone, "/shop/<id>" may be a container in a group "shop" or what a container "shop" made up; if
// programs run in "/shop" itself, it is the latter.
CgroupIdentity ContainerIndex::Identify(const std::string& path, std::vector<Merge>& merged) {
  CgroupIdentity identity = IdentifyCgroup(path);
  if (identity.kind != ContainerKind::kContainer) return identity;
  const std::string top = identity.cgroup_path.substr(0, identity.cgroup_path.find('/', 1));
  if (groups_.contains(top)) {
    if (top != identity.cgroup_path) return identity;
    return {ContainerKind::kHost, "", "", "", path.substr(1), "/"};
  }
  const auto outer = key_by_path_.find(top);
  if (top == identity.cgroup_path || outer == key_by_path_.end()) return identity;
  const Entry& entry = entries_.at(outer->second);
  if (!IsPlain(entry.container)) return identity;
  if (!entry.lived_in) {
    if (groups_.size() < kMaxGroups) groups_.insert(top);
    Absorb(std::string(outer->second), kHostKey, merged);
    return identity;
  }
  if (!identity.pod_uid.empty()) return identity;
  const std::string below = identity.cgroup_path.substr(top.size() + 1);
  CgroupIdentity plain = IdentifyCgroup(top);
  plain.inner = identity.inner.empty() ? below : absl::StrCat(below, "/", identity.inner);
  return plain;
}

std::string ContainerIndex::Place(const CgroupIdentity& identity, const CgroupMade& made,
                                  const std::string& stand_in) {
  if (identity.kind == ContainerKind::kUnit) return PlaceInUnit(identity, made);
  if (identity.kind != ContainerKind::kHost) return PlaceInContainer(identity, made, stand_in);
  if (identity.inner.empty()) entries_.at(kHostKey).container.cgroup = made.cgroup;
  return kHostKey;
}

std::string ContainerIndex::PlaceInUnit(const CgroupIdentity& identity, const CgroupMade& made) {
  const std::string key = absl::StrCat("unit:", identity.id);
  const bool is_new = !entries_.contains(key);
  Entry& entry = is_new ? Make(key, identity.kind, made.time) : entries_.at(key);
  if (is_new) Fill(entry.container, identity);
  if (identity.inner.empty()) {
    entry.container.cgroup = made.cgroup;
    entry.container.from_start = !made.existing;
  } else if (entry.container.removed != 0) {
    entry.container.cgroup = 0;  // started again, and its own cgroup was never told of
    entry.container.from_start = false;
  }
  entry.container.removed = 0;
  return key;
}

std::string ContainerIndex::PlaceInContainer(const CgroupIdentity& identity, const CgroupMade& made,
                                             const std::string& stand_in) {
  const bool own = identity.inner.empty();
  if (const auto there = key_by_path_.find(identity.cgroup_path); there != key_by_path_.end()) {
    Entry& entry = entries_.at(there->second);
    if (own && entry.container.cgroup == 0) entry.container.cgroup = made.cgroup;
    if (!own || entry.container.cgroup == made.cgroup) return there->second;
    End(entry, made.time);  // its removal was missed: one of its name is there already
  }
  const std::string key = stand_in.empty() ? NewKey(made.cgroup, made.time) : stand_in;
  Entry& entry = stand_in.empty() ? Make(key, identity.kind, made.time) : entries_.at(stand_in);
  if (!stand_in.empty()) --unnamed_;
  Fill(entry.container, identity);
  entry.container.cgroup = own ? made.cgroup : 0;
  entry.container.from_start = own && !made.existing;
  entry.lived_in = entry.lived_in && own;
  Enrich(entry.container);
  key_by_path_[identity.cgroup_path] = key;
  return key;
}

void ContainerIndex::Forget(const CgroupRemoved& removed) {
  const auto found = cgroups_.find(removed.cgroup);
  if (found == cgroups_.end() || found->second.removed) return;
  found->second.removed = true;
  Entry& entry = entries_.at(found->second.key);
  --entry.live_cgroups;
  // A container whose own cgroup was never told of ends with the last of its inner ones.
  const CgroupId own = entry.container.cgroup;
  const bool gone = own == removed.cgroup || (own == 0 && entry.live_cgroups == 0);
  if (gone && entry.container.removed == 0 && entry.container.key != kHostKey)
    End(entry, removed.time);
  removed_.push_back(removed.cgroup);
  if (removed_.size() <= kMaxRemovedCgroups) return;
  const auto oldest = cgroups_.find(removed_.front());
  removed_.pop_front();
  if (oldest != cgroups_.end() && oldest->second.removed) Detach(oldest->first);
}

void ContainerIndex::Describe(const ContainerDescribed& described) {
  const auto [found, is_new] = descriptions_.try_emplace(described.container_id, described);
  ContainerDescribed& kept = found->second;
  if (is_new) {
    kept.labels.clear();
    description_order_.push_back(described.container_id);
  } else if (kept.name.empty()) {
    kept.name = described.name;
    kept.source = described.source;
  }
  AddText(kept.image, described.image);
  AddText(kept.pod, described.pod);
  AddText(kept.pod_namespace, described.pod_namespace);
  AddText(kept.workload, described.workload);
  AddLabels(kept.labels, described.labels);
  kept.privileged = kept.privileged || described.privileged;
  for (auto& [key, entry] : entries_)
    if (entry.container.id == described.container_id) Enrich(entry.container);
  if (description_order_.size() <= kMaxDescriptions) return;
  descriptions_.erase(description_order_.front());
  description_order_.pop_front();
  ++dropped_descriptions_;
}

void ContainerIndex::Enrich(Container& container) const {
  const auto found = descriptions_.find(container.id);
  if (container.kind != ContainerKind::kContainer || found == descriptions_.end()) return;
  const ContainerDescribed& known = found->second;
  if (container.name_source == kFromCgroup && !known.name.empty()) {
    container.name = known.name;
    container.name_source = known.source;
  }
  if (known.source == "docker") AddText(container.runtime, known.source);
  AddText(container.image, known.image);
  AddText(container.pod, known.pod);
  AddText(container.pod_namespace, known.pod_namespace);
  AddText(container.workload, known.workload);
  AddLabels(container.labels, known.labels);
  container.privileged = container.privileged || known.privileged;
}

const Container& ContainerIndex::Of(CgroupId cgroup, TimeNs now) {
  if (const auto found = cgroups_.find(cgroup); found != cgroups_.end()) {
    Entry& entry = entries_.at(found->second.key);
    entry.lived_in = entry.lived_in || entry.container.cgroup == cgroup;
    return entry.container;
  }
  const bool shared = unnamed_ >= kMaxUnnamed || cgroups_.size() >= kMaxCgroups;
  const std::string key = shared ? kSharedKey : NewKey(cgroup, now);
  if (const auto there = entries_.find(key); there != entries_.end())
    return there->second.container;
  Entry& entry = Make(key, ContainerKind::kUnknown, now);
  entry.container.id = shared ? kSharedKey : absl::StrCat("cgroup-", cgroup);
  entry.container.name = entry.container.id;
  entry.container.name_source = kFromCgroup;
  if (shared) return entry.container;
  ++unnamed_;
  entry.container.cgroup = cgroup;
  entry.lived_in = true;
  Attach(cgroup, key, 0);
  return entry.container;
}

const Container* ContainerIndex::Find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.container;
}

std::vector<const Container*> ContainerIndex::All() const {
  std::vector<const Container*> all;
  all.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) all.push_back(&entry.container);
  return all;
}

void ContainerIndex::Evict(const std::string& key) {
  const Container* container = Find(key);
  if (container == nullptr) return;
  if (container->removed != 0 || container->kind == ContainerKind::kUnknown)
    Erase(std::string(key));
}

void ContainerIndex::Restore(const Container& container) {
  Entry& entry = Make(container.key, container.kind, container.first_seen);
  entry.container = container;
  entry.lived_in = true;
  if (container.removed != 0) return;
  if (CountsAsUnnamed(container)) ++unnamed_;
  if (container.kind == ContainerKind::kContainer || container.kind == ContainerKind::kSession)
    key_by_path_[container.cgroup_path] = container.key;
}

void ContainerIndex::Restore(CgroupId cgroup, const std::string& key, const std::string& path) {
  if (entries_.contains(key))
    Attach(cgroup, key, path.empty() ? 0 : std::hash<std::string>()(path));
}

ContainerIndex::Entry& ContainerIndex::Make(const std::string& key, ContainerKind kind,
                                            TimeNs now) {
  Entry& entry = entries_[key];
  entry.container.key = key;
  entry.container.kind = kind;
  entry.container.first_seen = now;
  return entry;
}

std::string ContainerIndex::NewKey(CgroupId cgroup, TimeNs now) const {
  std::string key = absl::StrCat(cgroup, "@", now);
  while (entries_.contains(key)) key += "+";  // made twice in one instant, as coarse clocks have it
  return key;
}

void ContainerIndex::Attach(CgroupId cgroup, const std::string& key, size_t path_hash) {
  Entry& entry = entries_.at(key);
  const bool is_new = !cgroups_.contains(cgroup);
  const bool exempt = key == kHostKey || entry.container.cgroup == cgroup;
  const bool over =
      cgroups_.size() >= kMaxCgroups || (!exempt && entry.live_cgroups >= kMaxCgroupsPerContainer);
  if (is_new && over) {
    ++dropped_cgroups_;
    return;
  }
  cgroups_[cgroup] = {key, path_hash, false};
  if (entry.cgroups.insert(cgroup).second) ++entry.live_cgroups;
}

void ContainerIndex::Detach(CgroupId cgroup) {
  const auto found = cgroups_.find(cgroup);
  if (found == cgroups_.end()) return;
  entries_.at(found->second.key).cgroups.erase(cgroup);
  cgroups_.erase(found);
}

void ContainerIndex::End(Entry& entry, TimeNs now) {
  if (CountsAsUnnamed(entry.container)) --unnamed_;
  entry.container.removed = now;
  ReleasePath(entry.container);
}

void ContainerIndex::ReleasePath(const Container& container) {
  const auto there = key_by_path_.find(container.cgroup_path);
  if (there != key_by_path_.end() && there->second == container.key) key_by_path_.erase(there);
}

void ContainerIndex::Absorb(const std::string& from, const std::string& to,
                            std::vector<Merge>& merged) {
  Entry& source = entries_.at(from);
  Entry& target = entries_.at(to);
  for (const CgroupId cgroup : source.cgroups) cgroups_.at(cgroup).key = to;
  target.live_cgroups += source.live_cgroups;
  target.cgroups.merge(source.cgroups);
  source.cgroups.clear();
  merged.push_back({from, to});
  Erase(from);
}

void ContainerIndex::Erase(const std::string& key) {
  Entry& entry = entries_.at(key);
  if (CountsAsUnnamed(entry.container)) --unnamed_;
  for (const CgroupId cgroup : entry.cgroups) cgroups_.erase(cgroup);
  ReleasePath(entry.container);
  entries_.erase(key);
}

}  // namespace capmon
