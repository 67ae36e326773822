// SPDX-License-Identifier: Apache-2.0
// Whether capmond sees what it should: beats are asked for, and must be seen in time, counted in
// the right cgroup. Pure.
#pragma once

#include <string>

#include "daemon/model/kernel_event.h"

namespace capmon {

struct HealthState {
  bool serving = false;
  std::string reason;    // why not; one sentence
  TimeNs last_seen = 0;  // a beat, in the right place
};

class Health {
 public:
  // `cgroup`: where beats belong.
  explicit Health(CgroupId cgroup, TimeNs now) : cgroup_(cgroup), watched_from_(now) {}

  // True when a beat is due; it then counts as made.
  bool Due(TimeNs now);
  // `named`: the cgroup's path is known, so that it could be attributed. One that is elsewhere may
  // be somebody else's doing: it only explains why there is none where it belongs.
  void Seen(CgroupId cgroup, bool named, TimeNs now);
  // Entries of the map of counters: once it is full, new kinds of checks are not counted.
  void MapUsed(uint64_t used, uint64_t capacity);
  // Records of the ring that came and that were lost since BatchEnded() was called last.
  void RecordCame() { came_ = true; }
  void RecordsLost(uint64_t count) { lost_ += count; }
  void BatchEnded(TimeNs now);
  HealthState State(TimeNs now) const;

  static constexpr TimeNs kPeriod = 2'000'000'000;
  static constexpr TimeNs kDeadline = 5'000'000'000;  // without a beat seen

 private:
  const CgroupId cgroup_;
  const TimeNs watched_from_;
  TimeNs last_asked_ = 0;
  TimeNs last_seen_ = 0;
  TimeNs last_astray_ = 0;
  CgroupId astray_ = 0;  // where the last misplaced one was counted
  bool named_ = true;
  uint64_t full_ = 0;  // the capacity of a map that is full
  bool came_ = false;
  uint64_t lost_ = 0;
  uint64_t lost_in_a_row_ = 0;  // records lost since the last one that came
  int empty_batches_ = 0;       // of those in which some were lost, since then
  TimeNs lost_at_ = 0;
};

}  // namespace capmon
