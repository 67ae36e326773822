// SPDX-License-Identifier: Apache-2.0
// The cgroups of this host, from three sources: records, a scan of the tree, and questions about
// single ids. Emits those made and removed, and marks groups of others and containers for the
// kernel side. Owned by the event loop.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "daemon/base/unique_fd.h"
#include "daemon/collector/host_scan.h"
#include "daemon/collector/kernel_source.h"
#include "daemon/collector/live_cgroups.h"
#include "daemon/collector/record_decoder.h"

namespace capmon {

class HostCgroups {
 public:
  // Called when it becomes known what a cgroup is; without a place: when it is gone, or is neither.
  using MarkPlace = std::function<void(CgroupId, std::optional<capmon_place>)>;

  // `live` outlives this.
  HostCgroups(HostRoots roots, LiveCgroups& live, MarkPlace mark_place);

  // Marks what exists, before anything is counted. Emits nothing.
  void MarkExisting();
  // Replaces the groups there were.
  void SetGroups(const std::set<CgroupId>& groups);

  void OnRecord(const CgroupRecord& record, TimeNs time, const KernelEventSink& sink);
  // No counter outlives its cgroup, whatever records were lost: asks the kernel about those of
  // `counted` that no record was about, and about the others in turn.
  void LookUp(const std::set<CgroupId>& counted, const KernelEventSink& sink);
  // Records of cgroups were lost: the tree must be rescanned.
  void RequestRescan() { rescan_needed_ = true; }
  void RescanIfNeeded(const KernelEventSink& sink);
  // Emits what exists, and what was removed unnoticed.
  void Rescan(const KernelEventSink& sink);

 private:
  void Emit(TimeNs time, CgroupId cgroup, const std::string& path, bool existing,
            const KernelEventSink& sink);
  void EmitRemoved(TimeNs time, CgroupId cgroup, const KernelEventSink& sink);
  void MarkByPath(CgroupId cgroup, const std::string& path);
  void Mark(CgroupId cgroup, std::optional<capmon_place> place);
  bool IsGone(CgroupId cgroup, bool scan_was_whole) const;

  const HostRoots roots_;
  LiveCgroups& live_;
  const MarkPlace mark_place_;
  const UniqueFd mount_;  // to look cgroups up by their ids
  std::map<CgroupId, capmon_place> marks_;
  bool rescan_needed_ = false;
  TimeNs next_rescan_ = 0;  // by the steady clock
};

}  // namespace capmon
