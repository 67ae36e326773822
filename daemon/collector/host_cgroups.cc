// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/host_cgroups.h"

#include <fcntl.h>

#include <vector>

#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/identity.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr TimeNs kBetweenRescans = 5'000'000'000;  // a full ring shall not keep capmond busy
constexpr size_t kMaxLookUps = 1024;

// Whether nothing of a runtime executes anything in this cgroup but the container's programs. In a
// plain top-level cgroup a runtime may live, whose processes go to the cgroups of the containers
// that it makes; a service of systemd-nspawn begins with systemd-nspawn itself.
bool IsAContainersOnly(const CgroupIdentity& identity) {
  return identity.kind == ContainerKind::kContainer && identity.inner.empty() &&
         !IsTopLevelGuess(identity) && identity.runtime != "nspawn";
}

}  // namespace

HostCgroups::HostCgroups(HostRoots roots, LiveCgroups& live, MarkPlace mark_place)
    : roots_(std::move(roots)),
      live_(live),
      mark_place_(std::move(mark_place)),
      mount_(::open(roots_.cgroup_mount.c_str(), O_RDONLY | O_CLOEXEC)) {}

void HostCgroups::MarkExisting() {
  WalkCgroups(roots_.cgroup_mount,
              [this](CgroupId cgroup, const std::string& path) { MarkByPath(cgroup, path); });
}

void HostCgroups::MarkByPath(CgroupId cgroup, const std::string& path) {
  const CgroupIdentity identity = IdentifyCgroup(path);
  if (identity.kind == ContainerKind::kHost)
    Mark(cgroup, CAPMON_PLACE_GROUP);
  else if (IsAContainersOnly(identity) && !marks_.contains(cgroup))  // some are found to be groups
    Mark(cgroup, CAPMON_PLACE_CONTAINER);
}

void HostCgroups::Mark(CgroupId cgroup, std::optional<capmon_place> place) {
  const auto known = marks_.find(cgroup);
  if (known == marks_.end() ? !place : place == known->second) return;
  if (place)
    marks_[cgroup] = *place;
  else
    marks_.erase(known);
  mark_place_(cgroup, place);
}

void HostCgroups::SetGroups(const std::set<CgroupId>& groups) {
  std::vector<CgroupId> former;
  for (const auto& [cgroup, place] : marks_)
    if (place == CAPMON_PLACE_GROUP && !groups.contains(cgroup)) former.push_back(cgroup);
  for (const CgroupId cgroup : former) Mark(cgroup, std::nullopt);
  for (const CgroupId cgroup : groups) Mark(cgroup, CAPMON_PLACE_GROUP);
}

void HostCgroups::EmitRemoved(TimeNs time, CgroupId cgroup, const KernelEventSink& sink) {
  Mark(cgroup, std::nullopt);
  sink(CgroupRemoved{time, cgroup});
}

void HostCgroups::Emit(TimeNs time, CgroupId cgroup, const std::string& path, bool existing,
                       const KernelEventSink& sink) {
  live_.Made(cgroup);
  MarkByPath(cgroup, path);
  sink(CgroupMade{time, cgroup, path, existing});
}

void HostCgroups::OnRecord(const CgroupRecord& record, TimeNs time, const KernelEventSink& sink) {
  const CgroupId cgroup = record.header->cgroup_id;
  // Of one whose making was not reported, at least the end says where it was.
  if (record.made || !live_.Reported(cgroup)) Emit(time, cgroup, record.path, !record.made, sink);
  if (record.made) return;
  live_.Removed(cgroup);
  EmitRemoved(time, cgroup, sink);
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
      EmitRemoved(now, cgroup, sink);
  }
}

void HostCgroups::LookUp(const std::set<CgroupId>& counted, const KernelEventSink& sink) {
  const TimeNs now = WallClock();
  for (const CgroupId cgroup : live_.Suspects(counted, kMaxLookUps)) {
    const absl::StatusOr<std::string> path = PathOfCgroupId(mount_.get(), cgroup);
    if (absl::IsNotFound(path.status())) {
      if (live_.Removed(cgroup)) EmitRemoved(now, cgroup, sink);
    } else if (live_.Contains(cgroup)) {
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
