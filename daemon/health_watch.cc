// SPDX-License-Identifier: Apache-2.0
#include "daemon/health_watch.h"

#include <utility>

#include "daemon/base/wall_clock.h"

namespace capmon {

HealthWatch::HealthWatch(std::unique_ptr<Heartbeat> heartbeat, CgroupId cgroup)
    : heartbeat_(std::move(heartbeat)), cgroup_(cgroup), health_(cgroup, SteadyClock()) {}

absl::StatusOr<std::unique_ptr<HealthWatch>> HealthWatch::Start(CgroupId cgroup, uint32_t exe) {
  auto heartbeat = Heartbeat::Start(exe);
  if (!heartbeat.ok()) return heartbeat.status();
  return std::unique_ptr<HealthWatch>(new HealthWatch(*std::move(heartbeat), cgroup));
}

void HealthWatch::WatchRecords(const KernelEvent& event) {
  const auto* exec = std::get_if<ProcessExec>(&event);
  const auto* made = std::get_if<CgroupMade>(&event);
  const auto* lost = std::get_if<EvidenceLost>(&event);
  const bool came = (exec != nullptr && !exec->existing) || (made != nullptr && !made->existing) ||
                    std::holds_alternative<CheckSampled>(event) ||
                    std::holds_alternative<CapabilitiesSet>(event) ||
                    std::holds_alternative<CallNoticed>(event);
  const bool ended = std::holds_alternative<capmon::Tick>(event);
  const bool dropped = lost != nullptr && lost->cause.starts_with("ring-");
  if (!came && !ended && !dropped) return;
  health_.With([&](Health& health) {
    if (came) health.RecordCame();
    if (dropped) health.RecordsLost(lost->count);
    if (ended) health.BatchEnded(SteadyClock());
  });
}

bool HealthWatch::Consumes(const KernelEvent& event, Monitor& monitor) {
  if (heartbeat_ == nullptr) return false;
  WatchRecords(event);
  if (const auto* usage = std::get_if<MapUsage>(&event))
    health_.With([&](Health& health) { health.MapUsed(usage->used, usage->capacity); });
  if (const auto* sampled = std::get_if<CheckSampled>(&event))
    return sampled->key.cgroup == cgroup_ && heartbeat_->IsOwn(sampled->key);
  const auto* counted = std::get_if<ChecksCounted>(&event);
  if (counted == nullptr || !heartbeat_->IsOwn(counted->key)) return false;
  const CgroupId cgroup = counted->key.cgroup;
  const bool named = monitor.CanAttribute(cgroup);
  health_.With([&](Health& health) { health.Seen(cgroup, named, SteadyClock()); });
  return cgroup == cgroup_;
}

void HealthWatch::Tick() {
  if (heartbeat_ == nullptr) return;
  if (health_.With([](Health& health) { return health.Due(SteadyClock()); })) heartbeat_->Beat();
}

HealthState HealthWatch::State() const {
  if (heartbeat_ == nullptr) return {true, "", 0};
  const TimeNs now = SteadyClock();
  HealthState state = health_.With([&](Health& health) { return health.State(now); });
  if (state.last_seen != 0) state.last_seen += WallClock() - now;
  return state;
}

}  // namespace capmon
