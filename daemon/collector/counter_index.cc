// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/counter_index.h"

namespace capmon {

void CounterIndex::Add(const capmon_check_key& key) {
  inside_[key.cgroup_id].push_back(&key);
  new_.insert(&key);
}

void CounterIndex::NoteCounted(const capmon_check_key& key, CgroupId owner) {
  if (new_.erase(&key) != 0 && owner != 0 && owner != key.cgroup_id)
    charged_[owner].push_back(&key);
}

std::vector<capmon_check_key> CounterIndex::KeysOf(const std::set<CgroupId>& cgroups) const {
  std::unordered_set<const capmon_check_key*> found = new_;
  for (const CgroupId cgroup : cgroups)
    for (const auto* const by_cgroup : {&inside_, &charged_})
      if (const auto keys = by_cgroup->find(cgroup); keys != by_cgroup->end())
        found.insert(keys->second.begin(), keys->second.end());
  std::vector<capmon_check_key> result;
  for (const capmon_check_key* const key : found) result.push_back(*key);
  return result;
}

std::vector<const capmon_check_key*> CounterIndex::Remove(CgroupId cgroup) {
  const auto keys = inside_.find(cgroup);
  if (keys == inside_.end()) return {};
  for (const capmon_check_key* const key : keys->second) new_.erase(key);
  for (auto& [owner, charged] : charged_)
    std::erase_if(charged, [&](const capmon_check_key* key) { return key->cgroup_id == cgroup; });
  std::erase_if(charged_, [](const auto& entry) { return entry.second.empty(); });
  Keys removed = std::move(keys->second);
  inside_.erase(keys);
  return removed;
}

}  // namespace capmon
