// SPDX-License-Identifier: Apache-2.0
// Finds the keys of some cgroups among all counters. Holds pointers to the ledger's keys, which
// stay where they are until they are removed here first. Pure.
#pragma once

#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bpf/capmon_events.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class CounterIndex {
 public:
  // A key seen for the first time; it is new until it is counted.
  void Add(const capmon_check_key& key);
  // Its counter was delivered, and is charged to this owner.
  void NoteCounted(const capmon_check_key& key, CgroupId owner);

  // Returns those in these cgroups or charged to them, and all new ones.
  std::vector<capmon_check_key> KeysOf(const std::set<CgroupId>& cgroups) const;
  // Removes the keys of a cgroup and returns them.
  std::vector<const capmon_check_key*> Remove(CgroupId cgroup);

 private:
  using Keys = std::vector<const capmon_check_key*>;

  std::unordered_map<CgroupId, Keys> inside_;   // by the cgroup of the key
  std::unordered_map<CgroupId, Keys> charged_;  // by owner, where that is another cgroup
  std::unordered_set<const capmon_check_key*> new_;
};

}  // namespace capmon
