// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/container_index.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/identity.h"

namespace capmon {
namespace {

constexpr char kSharedKey[] = "unknown";

bool CountsAsUnnamed(const Container& container) {
  return container.kind == ContainerKind::kUnknown && container.removed == 0 &&
         container.key != kSharedKey;
}

}  // namespace

ContainerIndex::ContainerIndex() {
  Container& host = Edit(Make(kHostKey, ContainerKind::kHost, 0));
  host.id = host.name = kHostKey;
  host.cgroup_path = "/";
}

ContainerIndex::Learned ContainerIndex::Learn(const CgroupMade& made) {
  ++host_cgroups_version_;  // a source may take it for a group by its path alone
  const size_t path_hash = std::hash<std::string>()(made.path);
  std::string stand_in;
  if (const auto known = cgroups_.find(made.cgroup); known != cgroups_.end()) {
    const Cgroup& cgroup = known->second;
    if (!cgroup.removed && cgroup.path_hash == path_hash) {
      if (!made.existing) NoteCreation(made.cgroup, known->second);
      return {cgroup.key, {}};
    }
    if (CountsAsUnnamed(entries_.at(cgroup.key).container())) {
      stand_in = cgroup.key;
    } else {  // the id is reused; its removal may have been missed
      Forget({made.time, made.cgroup});
      Detach(made.cgroup);
    }
  }
  Learned learned;
  const CgroupIdentity identity = Identify(made, learned.merged);
  if (identity.kind == ContainerKind::kUnknown) {
    learned.key = FindOrAdd(made.cgroup, made.time).key;
    return learned;
  }
  learned.key = Place(identity, made, stand_in);
  if (!stand_in.empty() && stand_in != learned.key) Absorb(stand_in, learned.key, learned.merged);
  Attach(made.cgroup, {learned.key, path_hash, WholePath(identity), made.time, !made.existing});
  return learned;
}

// A scan was faster than the record of the creation.
void ContainerIndex::NoteCreation(CgroupId id, Cgroup& cgroup) {
  cgroup.from_start = true;
  Entry& entry = entries_.at(cgroup.key);
  if (cgroup.key != kHostKey && entry.container().cgroup == id) Edit(entry).from_start = true;
}

// Derives the container from the path, then corrects it by what runtimes report and by the
// top-level cgroup it is under. By path alone, "/shop/<id>" may be a container in a group "shop",
// or a cgroup that a container "shop" created; if programs run in "/shop" itself, it is the latter.
CgroupIdentity ContainerIndex::Identify(const CgroupMade& made, std::vector<Merge>& merged) {
  CgroupIdentity identity = IdentifyCgroup(made.path);
  if (identity.kind == ContainerKind::kUnknown || identity.kind == ContainerKind::kSession)
    return identity;
  const auto declared = descriptions_.OutermostAt(WholePath(identity));
  const bool guessed = identity.kind != ContainerKind::kContainer || IsTopLevelGuess(identity);
  const bool corrected =
      declared && (guessed || declared->path.size() <= identity.cgroup_path.size());
  if (corrected) identity = AsMemberOf(identity, declared->path, declared->id, declared->runtime);
  const bool a_container = identity.kind == ContainerKind::kContainer;
  const std::string top = identity.cgroup_path.substr(0, identity.cgroup_path.find('/', 1));
  const std::string member = identity.inner.substr(0, identity.inner.find('/'));
  const bool below = corrected || !guessed ? top != identity.cgroup_path
                                           : !made.existing && MayBeContainer(member);
  if (a_container && below) FindGroup(top, merged);
  // A runtime's report is valid as long as its container lives.
  const std::string home = guessed && !corrected ? WholePath(identity) : identity.cgroup_path;
  if (const Container* const outer = OuterContainer(home, corrected))
    return AsMemberOf(identity, outer->cgroup_path, outer->id, outer->runtime);
  if (!a_container || corrected || !guessed || !groups_.contains(top)) return identity;
  // If one member is a container, so are the others; their runtime may report their ids later.
  if (!member.empty()) return AsMemberOf(identity, absl::StrCat(top, "/", member), member, "");
  return {ContainerKind::kHost, "", "", "", WholePath(identity).substr(1), "/"};
}

// A guessed container is a group if a cgroup exists below it while no process runs in it directly.
void ContainerIndex::FindGroup(const std::string& top, std::vector<Merge>& merged) {
  const auto found = key_by_path_.find(top);
  if (found == key_by_path_.end()) return;
  const Entry& entry = entries_.at(found->second);
  if (!IsTopLevelGuess(entry.container()) || entry.lived_in) return;
  if (groups_.size() < kMaxGroups) groups_.insert(top);
  Absorb(std::string(found->second), kHostKey, merged);
}

// Returns the container above a path. A guessed one gives way to a runtime's report.
const Container* ContainerIndex::OuterContainer(const std::string& path, bool declared) const {
  for (size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1)) {
    const auto found = key_by_path_.find(path.substr(0, end));
    if (found == key_by_path_.end()) continue;
    const Container& container = entries_.at(found->second).container();
    if (container.kind == ContainerKind::kContainer && !(declared && IsTopLevelGuess(container)))
      return &container;
  }
  return nullptr;
}

std::string ContainerIndex::Place(const CgroupIdentity& identity, const CgroupMade& made,
                                  const std::string& stand_in) {
  if (identity.kind == ContainerKind::kUnit) return PlaceInUnit(identity, made);
  if (identity.kind != ContainerKind::kHost) return PlaceInContainer(identity, made, stand_in);
  if (identity.inner.empty()) Edit(entries_.at(kHostKey)).cgroup = made.cgroup;
  return kHostKey;
}

std::string ContainerIndex::PlaceInUnit(const CgroupIdentity& identity, const CgroupMade& made) {
  const std::string key = absl::StrCat("unit:", identity.id);
  const bool is_new = !entries_.contains(key);
  Entry& entry = is_new ? Make(key, identity.kind, made.time) : entries_.at(key);
  if (is_new) Fill(Edit(entry), identity);
  descriptions_.ApplyTo(Edit(entry));
  if (identity.inner.empty()) {
    Edit(entry).cgroup = made.cgroup;
    Edit(entry).from_start = !made.existing;
  } else if (entry.container().removed != 0) {
    Edit(entry).cgroup = 0;  // started again; its own cgroup was never reported
    Edit(entry).from_start = false;
  }
  Edit(entry).removed = 0;
  return key;
}

std::string ContainerIndex::PlaceInContainer(const CgroupIdentity& identity, const CgroupMade& made,
                                             const std::string& stand_in) {
  const bool own = identity.inner.empty();
  if (const auto there = key_by_path_.find(identity.cgroup_path); there != key_by_path_.end()) {
    Entry& entry = entries_.at(there->second);
    if (own && entry.container().cgroup == 0) Edit(entry).cgroup = made.cgroup;
    if (!own || entry.container().cgroup == made.cgroup) return there->second;
    End(entry, made.time);  // its removal was missed: a successor has its name
  }
  const std::string key = stand_in.empty() ? NewKey(made.cgroup, made.time) : stand_in;
  Entry& entry = stand_in.empty() ? Make(key, identity.kind, made.time) : entries_.at(stand_in);
  if (!stand_in.empty()) --unnamed_;
  Fill(Edit(entry), identity);
  Edit(entry).cgroup = own ? made.cgroup : 0;
  Edit(entry).from_start = own && !made.existing;
  entry.lived_in = entry.lived_in && own;
  ApplyDescriptions(Edit(entry));
  key_by_path_[identity.cgroup_path] = key;
  return key;
}

void ContainerIndex::Forget(const CgroupRemoved& removed) {
  const auto found = cgroups_.find(removed.cgroup);
  if (found == cgroups_.end() || found->second.removed) return;
  found->second.removed = true;
  host_cgroups_.erase(removed.cgroup);
  ++host_cgroups_version_;
  Entry& entry = entries_.at(found->second.key);
  --entry.live_cgroups;
  // A container without a record of its own cgroup ends with its last inner cgroup.
  const CgroupId own = entry.container().cgroup;
  const bool gone = own == removed.cgroup || (own == 0 && entry.live_cgroups == 0);
  if (gone && entry.container().removed == 0 && entry.container().key != kHostKey) {
    End(entry, removed.time);
    if (!IsLongId(entry.container().id)) descriptions_.Withdraw(entry.container().cgroup_path);
  }
  removed_.push_back(removed.cgroup);
  if (removed_.size() <= kMaxRemovedCgroups) return;
  const auto oldest = cgroups_.find(removed_.front());
  removed_.pop_front();
  if (oldest != cgroups_.end() && oldest->second.removed) Detach(oldest->first);
}

const Container& ContainerIndex::FindOrAdd(CgroupId cgroup, TimeNs now) {
  if (const auto found = cgroups_.find(cgroup); found != cgroups_.end()) {
    Entry& entry = entries_.at(found->second.key);
    entry.lived_in = entry.lived_in || entry.container().cgroup == cgroup;
    return entry.container();
  }
  const bool shared = unnamed_ >= kMaxUnnamed || cgroups_.size() >= kMaxCgroups;
  const std::string key = shared ? kSharedKey : NewKey(cgroup, now);
  if (const auto there = entries_.find(key); there != entries_.end())
    return there->second.container();
  Entry& entry = Make(key, ContainerKind::kUnknown, now);
  Edit(entry).id = shared ? kSharedKey : absl::StrCat("cgroup-", cgroup);
  Edit(entry).name = entry.container().id;
  Edit(entry).name_source = kFromCgroup;
  if (shared) return entry.container();
  ++unnamed_;
  Edit(entry).cgroup = cgroup;
  entry.lived_in = true;
  Attach(cgroup, {key, 0, "", now, false});
  return entry.container();
}

std::string ContainerIndex::InnerPathOf(CgroupId cgroup) const {
  const auto found = cgroups_.find(cgroup);
  if (found == cgroups_.end()) return "";
  const std::string& own = entries_.at(found->second.key).container().cgroup_path;
  const std::string& path = found->second.path;
  const std::string above = own == "/" ? own : own + "/";
  return path.size() > above.size() && path.starts_with(above) ? path.substr(above.size()) : "";
}

const std::set<CgroupId>* ContainerIndex::AllCgroupsOf(const std::string& key) const {
  const auto entry = entries_.find(key);
  return entry == entries_.end() ? nullptr : &entry->second.cgroups;
}

std::map<CgroupId, std::string> ContainerIndex::CgroupsOf(const std::string& key) const {
  std::map<CgroupId, std::string> paths;
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return paths;
  for (const CgroupId cgroup : entry->second.cgroups)
    if (const Cgroup& state = cgroups_.at(cgroup); !state.removed) paths[cgroup] = state.path;
  return paths;
}

std::vector<CgroupId> ContainerIndex::Unnamed() const {
  std::vector<CgroupId> cgroups;
  if (unnamed_ == 0) return cgroups;
  for (const auto& [key, entry] : entries_)
    if (CountsAsUnnamed(entry.container())) cgroups.push_back(entry.container().cgroup);
  return cgroups;
}

const Container* ContainerIndex::Find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.container();
}

const Container* ContainerIndex::Owner(CgroupId cgroup) const {
  const auto found = cgroups_.find(cgroup);
  return found == cgroups_.end() ? nullptr : &entries_.at(found->second.key).container();
}

void ContainerIndex::NoteHost(CgroupId cgroup, const std::string& key) {
  ++host_cgroups_version_;
  if (key == kHostKey)
    host_cgroups_.insert(cgroup);
  else
    host_cgroups_.erase(cgroup);
}

std::vector<const Container*> ContainerIndex::All() const {
  std::vector<const Container*> all;
  all.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) all.push_back(&entry.container());
  return all;
}

void ContainerIndex::Evict(const std::string& key) {
  const Container* container = Find(key);
  if (container == nullptr) return;
  if (container->removed != 0 || container->kind == ContainerKind::kUnknown)
    Erase(std::string(key));
}

void ContainerIndex::Restore(const Container& container, bool lived_in) {
  Entry& entry = Make(container.key, container.kind, container.first_seen);
  Edit(entry) = container;
  entry.lived_in = lived_in;
  if (container.removed != 0) return;
  if (CountsAsUnnamed(container)) ++unnamed_;
  if (container.kind == ContainerKind::kContainer || container.kind == ContainerKind::kSession)
    key_by_path_[container.cgroup_path] = container.key;
}

void ContainerIndex::Restore(CgroupId cgroup, const std::string& key, const std::string& path) {
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return;
  Cgroup state;
  state.key = key;
  state.made = entry->second.container().first_seen;
  if (!path.empty()) {
    state.path_hash = std::hash<std::string>()(path);
    const CgroupIdentity by_path = IdentifyCgroup(path);
    state.path = WholePath(by_path);
    const bool a_group = key == kHostKey && by_path.inner.empty() && IsTopLevelGuess(by_path);
    if (a_group && groups_.size() < kMaxGroups) groups_.insert(state.path);
  }
  Attach(cgroup, std::move(state));
}

ContainerIndex::Entry& ContainerIndex::Make(const std::string& key, ContainerKind kind,
                                            TimeNs now) {
  Entry& entry = entries_[key];
  entry.Begin(key);
  Edit(entry).kind = kind;
  Edit(entry).first_seen = now;
  return entry;
}

std::string ContainerIndex::NewKey(CgroupId cgroup, TimeNs now) const {
  std::string key = absl::StrCat(cgroup, "@", now);
  while (entries_.contains(key)) key += "+";  // made twice in one instant of a coarse clock
  return key;
}

void ContainerIndex::Attach(CgroupId cgroup, Cgroup state) {
  Entry& entry = entries_.at(state.key);
  const bool is_new = !cgroups_.contains(cgroup);
  const bool exempt = state.key == kHostKey || entry.container().cgroup == cgroup;
  const bool over =
      cgroups_.size() >= kMaxCgroups || (!exempt && entry.live_cgroups >= kMaxCgroupsPerContainer);
  if (is_new && over) {
    ++dropped_cgroups_;
    return;
  }
  NoteHost(cgroup, state.key);
  cgroups_[cgroup] = std::move(state);
  if (entry.cgroups.insert(cgroup).second) ++entry.live_cgroups;
}

void ContainerIndex::Detach(CgroupId cgroup) {
  const auto found = cgroups_.find(cgroup);
  if (found == cgroups_.end()) return;
  entries_.at(found->second.key).cgroups.erase(cgroup);
  host_cgroups_.erase(cgroup);
  ++host_cgroups_version_;
  cgroups_.erase(found);
}

void ContainerIndex::End(Entry& entry, TimeNs now) {
  if (CountsAsUnnamed(entry.container())) --unnamed_;
  Edit(entry).removed = now;
  ReleasePath(entry.container());
}

void ContainerIndex::ReleasePath(const Container& container) {
  const auto there = key_by_path_.find(container.cgroup_path);
  if (there != key_by_path_.end() && there->second == container.key) key_by_path_.erase(there);
}

void ContainerIndex::Absorb(const std::string& from, const std::string& to,
                            std::vector<Merge>& merged) {
  Entry& source = entries_.at(from);
  Entry& target = entries_.at(to);
  for (const CgroupId cgroup : source.cgroups) {
    Cgroup& state = cgroups_.at(cgroup);
    state.key = to;
    if (!state.removed) NoteHost(cgroup, to);
  }
  target.live_cgroups += source.live_cgroups;
  target.cgroups.merge(source.cgroups);
  source.cgroups.clear();
  merged.push_back({from, to});
  Erase(from);
}

void ContainerIndex::Erase(const std::string& key) {
  Entry& entry = entries_.at(key);
  if (CountsAsUnnamed(entry.container())) --unnamed_;
  for (const CgroupId cgroup : entry.cgroups) cgroups_.erase(cgroup);
  ReleasePath(entry.container());
  ids_.Remove(key);
  paths_.Remove(key);
  entries_.erase(key);
}

}  // namespace capmon
