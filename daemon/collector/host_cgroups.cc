// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/host_cgroups.h"

#include <fcntl.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr TimeNs kBetweenRescans = 5'000'000'000;  // a full ring shall not keep capmond busy
constexpr size_t kMaxLookUps = 1024;

}  // namespace

HostCgroups::HostCgroups(HostRoots roots, LiveCgroups& live, MarkGroup mark_group)
    : roots_(std::move(roots)),
      live_(live),
      mark_group_(std::move(mark_group)),
      mount_(::open(roots_.cgroup_mount.c_str(), O_RDONLY | O_CLOEXEC)) {}

void HostCgroups::MarkExistingGroups() {
  WalkCgroups(roots_.cgroup_mount, [this](CgroupId cgroup, const std::string& path) {
    if (IdentifyCgroup(path).kind == ContainerKind::kHost) Mark(cgroup, true);
  });
}

void HostCgroups::Mark(CgroupId cgroup, bool group) {
  if (group ? groups_.insert(cgroup).second : groups_.erase(cgroup) > 0) mark_group_(cgroup, group);
}

void HostCgroups::SetGroups(const std::set<CgroupId>& groups) {
  std::vector<CgroupId> former;
  std::ranges::set_difference(groups_, groups, std::back_inserter(former));
  for (const CgroupId cgroup : former) Mark(cgroup, false);
  for (const CgroupId cgroup : groups) Mark(cgroup, true);
}

void HostCgroups::Emit(TimeNs time, CgroupId cgroup, const std::string& path, bool existing,
                       const KernelEventSink& sink) {
  live_.Made(cgroup);
  if (IdentifyCgroup(path).kind == ContainerKind::kHost) Mark(cgroup, true);
  sink(CgroupMade{time, cgroup, path, existing});
}

void HostCgroups::OnRecord(const CgroupRecord& record, TimeNs time, const KernelEventSink& sink) {
  const CgroupId cgroup = record.header->cgroup_id;
  // Of one whose making was not reported, at least the end says where it was.
  if (record.made || !live_.Reported(cgroup)) Emit(time, cgroup, record.path, !record.made, sink);
  if (record.made) return;
  live_.Removed(cgroup);
  Mark(cgroup, false);
  sink(CgroupRemoved{time, cgroup});
}

void HostCgroups::RescanIfNeeded(const KernelEventSink& sink) {
  if (rescan_needed_ && SteadyClock() >= next_rescan_) Rescan(sink);
}

// Of a cgroup that a scan did not find: it may be too deep for one, or outside of what is mounted
// here. Where the kernel cannot be asked, a whole scan decides.
bool HostCgroups::IsGone(CgroupId cgroup, bool scan_was_whole) const {
  const absl::Status status = PathOfCgroupId(mount_.get(), cgroup).status();
  if (status.ok() || absl::IsOutOfRange(status)) return false;
  return scan_was_whole || absl::IsNotFound(status);
}

void HostCgroups::Rescan(const KernelEventSink& sink) {
  rescan_needed_ = false;
  next_rescan_ = SteadyClock() + kBetweenRescans;
  std::set<CgroupId> found;
  const TimeNs now = WallClock();
  const bool whole = ScanHost(roots_, now, [&](const KernelEvent& event) {
    const auto* made = std::get_if<CgroupMade>(&event);
    if (made == nullptr) return sink(event);
    found.insert(made->cgroup);
    Emit(now, made->cgroup, made->path, true, sink);
  });
  for (const CgroupId cgroup : live_.Rescanned(std::move(found))) {
    if (cgroup == 0) continue;
    if (!IsGone(cgroup, whole))
      live_.Made(cgroup);
    else if (live_.Removed(cgroup))
      sink(CgroupRemoved{now, cgroup});
  }
}

void HostCgroups::LookUp(const std::set<CgroupId>& counted, const KernelEventSink& sink) {
  const TimeNs now = WallClock();
  for (const CgroupId cgroup : live_.Suspects(counted, kMaxLookUps)) {
    const absl::StatusOr<std::string> path = PathOfCgroupId(mount_.get(), cgroup);
    if (absl::IsNotFound(path.status())) {
      if (live_.Removed(cgroup)) sink(CgroupRemoved{now, cgroup});
    } else if (live_.Knows(cgroup)) {
      continue;
    } else if (path.ok()) {
      Emit(now, cgroup, *path, true, sink);
    } else if (absl::IsOutOfRange(path.status())) {
      live_.Made(cgroup);  // it lives where this mount does not show it
    } else {
      RequestRescan();  // ids may not be looked up: only a scan tells
    }
  }
}

}  // namespace capmon
