// SPDX-License-Identifier: Apache-2.0
// Requests heartbeats and finds them among the counted checks. Owned by the event loop; State() may
// be called on any thread.
#pragma once

#include <memory>

#include "daemon/base/synchronized.h"
#include "daemon/collector/heartbeat.h"
#include "daemon/health.h"
#include "daemon/monitor.h"

namespace capmon {

class HealthWatch {
 public:
  // Watches nothing and is always healthy: for a recording.
  HealthWatch() : HealthWatch(nullptr, 0) {}
  // `cgroup`: capmond's own; `exe`: the number of its executable in checks.
  static absl::StatusOr<std::unique_ptr<HealthWatch>> Start(CgroupId cgroup, uint32_t exe);

  // Returns true for a check of the heartbeat, which is no evidence. Also notes what looks like a
  // heartbeat in another cgroup.
  bool Consumes(const KernelEvent& event, Monitor& monitor);
  // Call every tick: requests the next check if it is due.
  void Tick();
  HealthState State() const;  // its time is from the wall clock
  // The number of capmond's executable in checks.
  uint32_t own_exe() const { return heartbeat_ == nullptr ? 0 : heartbeat_->exe(); }

 private:
  HealthWatch(std::unique_ptr<Heartbeat> heartbeat, CgroupId cgroup);
  void WatchRecords(const KernelEvent& event);

  const std::unique_ptr<Heartbeat> heartbeat_;
  const CgroupId cgroup_;
  mutable Synchronized<Health> health_;
};

}  // namespace capmon
