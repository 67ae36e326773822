// SPDX-License-Identifier: Apache-2.0
// The cgroups of this host, from three sources: records, a scan of the tree, and questions about
// single ids. Emits those made and removed, and marks those that only group others. Owned by the
// event loop.
#pragma once

#include <functional>
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
  // Called when a cgroup begins or ceases to be one that only groups others.
  using MarkGroup = std::function<void(CgroupId, bool group)>;

  // `live` outlives this.
  HostCgroups(HostRoots roots, LiveCgroups& live, MarkGroup mark_group);

  // Marks the groups that exist, before anything is counted. Emits nothing.
  void MarkExistingGroups();
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
  void Mark(CgroupId cgroup, bool group);
  bool IsGone(CgroupId cgroup, bool scan_was_whole) const;

  const HostRoots roots_;
  LiveCgroups& live_;
  const MarkGroup mark_group_;
  const UniqueFd mount_;  // to look cgroups up by their ids
  std::set<CgroupId> groups_;
  bool rescan_needed_ = false;
  TimeNs next_rescan_ = 0;  // by the steady clock
};

}  // namespace capmon
