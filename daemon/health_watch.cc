// SPDX-License-Identifier: Apache-2.0
#include "daemon/health_watch.h"

#include <chrono>
#include <utility>

#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

// Health must not depend on somebody setting the clock.
TimeNs Steady() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

HealthWatch::HealthWatch(std::unique_ptr<Heartbeat> heartbeat, CgroupId cgroup)
    : heartbeat_(std::move(heartbeat)), health_(cgroup, Steady()) {}

absl::StatusOr<std::unique_ptr<HealthWatch>> HealthWatch::Start(CgroupId cgroup) {
  auto heartbeat = Heartbeat::Start();
  if (!heartbeat.ok()) return heartbeat.status();
  return std::unique_ptr<HealthWatch>(new HealthWatch(*std::move(heartbeat), cgroup));
}

bool HealthWatch::Takes(const KernelEvent& event, Monitor& monitor) {
  if (const auto* sampled = std::get_if<CheckSampled>(&event))
    return heartbeat_->IsOwn(sampled->key);
  const auto* counted = std::get_if<ChecksCounted>(&event);
  if (counted == nullptr || !heartbeat_->IsOwn(counted->key)) return false;
  const CgroupId cgroup = counted->key.cgroup;
  const bool named = monitor.CanAttribute(cgroup);
  health_.With([&](Health& health) { health.Seen(cgroup, named, Steady()); });
  return true;
}

bool HealthWatch::Tick() {
  const TimeNs now = Steady();
  return health_.With([&](Health& health) {
    if (health.Due(now)) heartbeat_->Beat();
    return health.State(now).serving;
  });
}

HealthState HealthWatch::State() const {
  const TimeNs now = Steady();
  HealthState state = health_.With([&](Health& health) { return health.State(now); });
  if (state.last_seen != 0) state.last_seen += WallClock() - now;
  return state;
}

}  // namespace capmon
