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

void HealthWatch::Look(const WatchedEvent& event) {
  if (!heartbeat_->IsOwn(event.evidence.evidence.key)) return;
  const bool named = event.container.kind != ContainerKind::kUnknown;
  health_.With([&](Health& health) { health.Seen(event.cgroup, named, Steady()); });
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
