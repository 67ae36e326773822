// SPDX-License-Identifier: Apache-2.0
// Checks that capmond sees what it should: its own check must be counted in time, in its own
// cgroup. Pure.
#pragma once

#include <string>
#include <vector>

#include "daemon/model/kernel_event.h"
#include "daemon/model/layer.h"

namespace capmon {

struct HealthState {
  bool serving = false;
  std::string reason;    // why it is not serving; one sentence
  TimeNs last_seen = 0;  // the last check counted in the right cgroup
};

// Returns why a store that should be written cannot be; "" if it can, or if there is none.
std::string StoreFailure(const std::vector<Layer>& keeps);
// Not serving while the store fails: what is learned meanwhile would not outlive capmond.
HealthState WithStore(HealthState state, const std::vector<Layer>& keeps);

class Health {
 public:
  // `cgroup`: the cgroup of the check.
  explicit Health(CgroupId cgroup, TimeNs now) : cgroup_(cgroup), watched_from_(now) {}

  // Returns true if a check is due, and counts it as made.
  bool Due(TimeNs now);
  // `named`: the cgroup's path is known, so that the check can be charged. A check in another
  // cgroup may have been made by another process: it only explains why none was counted in the
  // right one.
  void Seen(CgroupId cgroup, bool named, TimeNs now);
  // Entries of the counter map: once it is full, new kinds of checks are not counted.
  void MapUsed(uint64_t used, uint64_t capacity);
  // Ring records received and lost since the last BatchEnded().
  void RecordCame() { came_ = true; }
  void RecordsLost(uint64_t count) { lost_ += count; }
  void BatchEnded(TimeNs now);
  HealthState State(TimeNs now) const;

  static constexpr TimeNs kPeriod = 2'000'000'000;
  static constexpr TimeNs kDeadline = 5'000'000'000;  // without a check counted

 private:
  const CgroupId cgroup_;
  const TimeNs watched_from_;
  TimeNs last_asked_ = 0;
  TimeNs last_seen_ = 0;
  TimeNs last_astray_ = 0;
  CgroupId astray_ = 0;  // the cgroup of the last misplaced check
  bool named_ = true;
  uint64_t full_ = 0;  // capacity of a full map
  bool came_ = false;
  uint64_t lost_ = 0;
  uint64_t lost_in_a_row_ = 0;  // records lost since the last one received
  int empty_batches_ = 0;       // batches since then in which records were lost
  TimeNs lost_at_ = 0;
};

}  // namespace capmon
