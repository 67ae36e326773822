// SPDX-License-Identifier: Apache-2.0
#include "daemon/ended_shares.h"

namespace capmon {
namespace {

void Resize(std::set<std::pair<size_t, std::string>>& sizes, const std::string& name, size_t before,
            size_t after) {
  sizes.erase({before, name});
  if (after > 0) sizes.insert({after, name});
}

}  // namespace

EndedShares::Entry EndedShares::Describe(const Container& container) {
  const size_t slash = container.cgroup_path.rfind('/');
  const std::string parent =
      slash == std::string::npos || slash == 0 ? "/" : container.cgroup_path.substr(0, slash);
  Entry entry;
  entry.place = container.pod_namespace.empty() ? parent : container.pod_namespace;
  entry.kind = container.workload.empty() ? container.image : container.workload;
  entry.ended = container.removed;
  return entry;
}

void EndedShares::Add(const Container& container) {
  Entry entry = Describe(container);
  if (const auto known = entries_.find(container.key); known != entries_.end()) {
    if (known->second == entry) return;
    Remove(std::string(container.key));
  }
  Place& place = places_[entry.place];
  auto& members = place.kinds[entry.kind];
  members.insert({entry.ended, container.key});
  Resize(place.sizes, entry.kind, members.size() - 1, members.size());
  Resize(sizes_, entry.place, place.size, place.size + 1);
  ++place.size;
  entries_.emplace(container.key, std::move(entry));
}

void EndedShares::Remove(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  const Entry& entry = found->second;
  const auto place = places_.find(entry.place);
  const auto members = place->second.kinds.find(entry.kind);
  members->second.erase({entry.ended, key});
  Resize(place->second.sizes, entry.kind, members->second.size() + 1, members->second.size());
  if (members->second.empty()) place->second.kinds.erase(members);
  Resize(sizes_, entry.place, place->second.size, place->second.size - 1);
  if (--place->second.size == 0) places_.erase(place);
  entries_.erase(found);
}

std::optional<std::string> EndedShares::Next() const {
  if (sizes_.empty()) return std::nullopt;
  const Place& place = places_.at(sizes_.rbegin()->second);
  return place.kinds.at(place.sizes.rbegin()->second).begin()->second;
}

}  // namespace capmon
