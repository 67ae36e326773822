// SPDX-License-Identifier: Apache-2.0
// Keeps asking for heartbeats and looks out for them among the counted checks. Owned by the event
// loop; State() is for any thread.
#pragma once

#include <memory>

#include "daemon/base/synchronized.h"
#include "daemon/collector/heartbeat.h"
#include "daemon/health.h"
#include "daemon/monitor.h"

namespace capmon {

class HealthWatch {
 public:
  // Watches nothing, and is always well: a recording is as healthy as it was.
  HealthWatch() : HealthWatch(nullptr, 0) {}
  // `cgroup`: the one capmond is in; `exe`: the number of its executable, as checks carry it.
  static absl::StatusOr<std::unique_ptr<HealthWatch>> Start(CgroupId cgroup, uint32_t exe);

  // True for what a heartbeat led to: noted here, and no evidence. What looks like a heartbeat in
  // another cgroup is noted, too.
  bool Consumes(const KernelEvent& event, Monitor& monitor);
  // Once a second: has the next check made when it is due.
  void Tick();
  HealthState State() const;  // its time is a wall clock's
  // The number of capmond's executable, as checks have it.
  uint32_t own_exe() const { return heartbeat_ == nullptr ? 0 : heartbeat_->exe(); }

 private:
  HealthWatch(std::unique_ptr<Heartbeat> heartbeat, CgroupId cgroup);
  void WatchRecords(const KernelEvent& event);

  const std::unique_ptr<Heartbeat> heartbeat_;
  const CgroupId cgroup_;
  mutable Synchronized<Health> health_;
};

}  // namespace capmon
