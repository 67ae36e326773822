// SPDX-License-Identifier: Apache-2.0
#include "daemon/health.h"

#include <fmt/format.h>

#include <algorithm>

namespace capmon {
namespace {

constexpr int kEmptyBatches = 2;  // a single one may be a short burst

}  // namespace

std::string StoreFailure(const std::vector<Layer>& keeps) {
  for (const Layer& keep : keeps)
    if (keep.name == "store" && keep.state == "failing") return keep.detail;
  return "";
}

HealthState WithStore(HealthState state, const std::vector<Layer>& keeps) {
  const std::string failure = StoreFailure(keeps);
  if (failure.empty() || !state.serving) return state;
  state.serving = false;
  state.reason =
      fmt::format("evidence cannot be stored, and is lost if capmond stops now: {}", failure);
  return state;
}

bool Health::Due(TimeNs now) {
  if (now - last_asked_ < kPeriod && now >= last_asked_) return false;  // the clock may be set back
  last_asked_ = now;
  return true;
}

void Health::Seen(CgroupId cgroup, bool named, TimeNs now) {
  if (cgroup == cgroup_ && named) {
    last_seen_ = now;
  } else {
    last_astray_ = now;
    astray_ = cgroup;
    named_ = named;
  }
}

void Health::MapUsed(uint64_t used, uint64_t capacity) {
  full_ = capacity != 0 && used >= capacity ? capacity : 0;
}

void Health::BatchEnded(TimeNs now) {
  if (came_) lost_in_a_row_ = empty_batches_ = 0;
  if (!came_ && lost_ > 0) {
    lost_in_a_row_ += lost_;
    ++empty_batches_;
    lost_at_ = now;
  }
  came_ = false;
  lost_ = 0;
}

HealthState Health::State(TimeNs now) const {
  HealthState state{false, "", last_seen_};
  if (full_ != 0) {
    state.reason = fmt::format(
        "all {} counters are in use and new kinds of checks are not counted: give capmond a larger "
        "--max-checks",
        full_);
    return state;
  }
  if (empty_batches_ >= kEmptyBatches && now - lost_at_ <= kDeadline) {
    state.reason = fmt::format(
        "the last {} records from the kernel were lost and none came through: programs, cgroups "
        "and capset(2) calls are not seen",
        lost_in_a_row_);
    return state;
  }
  const TimeNs waited = now - std::max(last_seen_, watched_from_);
  state.serving = last_seen_ != 0 && waited <= kDeadline;
  if (state.serving) return state;
  if (last_astray_ > last_seen_)
    state.reason = named_
                       ? fmt::format("capmond's own check was counted in cgroup {} instead of {}",
                                     astray_, cgroup_)
                       : fmt::format("capmond's own cgroup {} has no name", astray_);
  else if (waited > kDeadline)
    state.reason = fmt::format("capmond's own check has not been seen for {} s", waited / kSecond);
  else
    state.reason = "capmond's own check has not been seen yet";
  return state;
}

}  // namespace capmon
