// SPDX-License-Identifier: Apache-2.0
// Which cgroups exist, as far as records say, and which of those with counters must be looked up
// because no record does. A lost record or a pause of capmond never keeps a counter alive: every id
// in the kernel's maps is either known to exist, or asked about. Pure.
#pragma once

#include <set>
#include <unordered_set>
#include <vector>

#include "daemon/model/kernel_event.h"

namespace capmon {

class LiveCgroups {
 public:
  void Made(CgroupId cgroup);
  // True the first time.
  bool Removed(CgroupId cgroup);
  bool Contains(CgroupId cgroup) const { return live_.contains(cgroup); }
  // It was reported as made, and its counters are not freed yet.
  bool Reported(CgroupId cgroup) const { return reported_.contains(cgroup); }

  // Of `counted` (in the kernel's maps), those to look up now: all that no record was about, then
  // the others in turn; `budget` at most.
  std::vector<CgroupId> Suspects(const std::set<CgroupId>& counted, size_t budget);
  // Replaces what is known by what a scan found; returns those that the scan did not find.
  std::set<CgroupId> Rescanned(std::set<CgroupId> there);

  // Counters of removed cgroups are freed in three steps, so that none is freed before its last
  // count was delivered and persisted. Call before the counters are read, after they were
  // delivered, when what was delivered is taken for persisting, and when it is persisted, or when
  // it could not be.
  void BeforeRead();
  void Delivered();
  void Taken();
  std::set<CgroupId> Persisted();
  void Rollback();

 private:
  bool Pending(CgroupId cgroup) const;

  std::set<CgroupId> live_;
  std::unordered_set<CgroupId> reported_;
  std::set<CgroupId> removed_;    // since the last BeforeRead
  std::set<CgroupId> reading_;    // removed before the counters were read
  std::set<CgroupId> delivered_;  // their counters were delivered afterwards
  std::set<CgroupId> freeing_;    // and taken for persisting
  CgroupId last_suspect_ = 0;
};

}  // namespace capmon
