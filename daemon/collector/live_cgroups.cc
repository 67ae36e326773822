// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/live_cgroups.h"

#include <utility>

namespace capmon {

void LiveCgroups::Made(CgroupId cgroup) {
  live_.insert(cgroup);
  reported_.insert(cgroup);
  removed_.erase(cgroup);
}

bool LiveCgroups::Removed(CgroupId cgroup) {
  live_.erase(cgroup);
  return removed_.insert(cgroup).second;
}

bool LiveCgroups::Pending(CgroupId cgroup) const {
  return removed_.contains(cgroup) || reading_.contains(cgroup) || delivered_.contains(cgroup) ||
         freeing_.contains(cgroup);
}

std::vector<CgroupId> LiveCgroups::Suspects(const std::set<CgroupId>& counted, size_t budget) {
  std::vector<CgroupId> suspects;
  for (const CgroupId cgroup : counted) {
    if (suspects.size() >= budget) return suspects;
    if (cgroup != 0 && !Contains(cgroup) && !Pending(cgroup)) suspects.push_back(cgroup);
  }
  auto next = counted.upper_bound(last_suspect_);
  for (size_t i = 0; i < counted.size() && suspects.size() < budget; ++i) {
    if (next == counted.end()) next = counted.begin();
    last_suspect_ = *next++;
    if (Contains(last_suspect_)) suspects.push_back(last_suspect_);
  }
  return suspects;
}

std::set<CgroupId> LiveCgroups::Rescanned(std::set<CgroupId> there) {
  reported_.insert(there.begin(), there.end());
  std::set<CgroupId> missing = std::exchange(live_, std::move(there));
  std::erase_if(missing, [this](CgroupId cgroup) { return live_.contains(cgroup); });
  return missing;
}

void LiveCgroups::BeforeRead() { reading_.merge(std::exchange(removed_, {})); }
void LiveCgroups::Delivered() { delivered_.merge(std::exchange(reading_, {})); }
void LiveCgroups::Taken() { freeing_.merge(std::exchange(delivered_, {})); }
void LiveCgroups::Rollback() { delivered_.merge(std::exchange(freeing_, {})); }
std::set<CgroupId> LiveCgroups::Persisted() {
  for (const CgroupId cgroup : freeing_) reported_.erase(cgroup);
  return std::exchange(freeing_, {});
}

}  // namespace capmon
