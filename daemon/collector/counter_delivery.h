// SPDX-License-Identifier: Apache-2.0
// From the kernel's totals to events, and back to what the kernel may forget: emits each count
// once, however often the totals are read, and frees a counter only after its last count was
// persisted. Pure; the kernel's maps and the store are the caller's.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "bpf/capmon_events.h"
#include "daemon/collector/counter_ledger.h"
#include "daemon/collector/kernel_source.h"
#include "daemon/collector/live_cgroups.h"
#include "daemon/model/counter_cursor.h"

namespace capmon {

// The counters as they were at one moment.
struct CounterTotals {
  std::vector<std::pair<capmon_check_key, capmon_check_counts>> checks;
  std::vector<std::pair<CgroupId, capmon_owner>> owners;
  uint64_t missed_runs = 0;  // checks for which the kernel skipped the program
  absl::Status status;       // why some are missing
  bool whole = true;         // else only those asked for
};

class CounterDelivery {
 public:
  explicit CounterDelivery(CounterLedger::Resolve resolve) : ledger_(std::move(resolve)) {}

  CounterLedger& ledger() { return ledger_; }
  LiveCgroups& cgroups() { return cgroups_; }
  // The cgroup whose container is charged: a cgroup that was not reported is charged to its owner.
  CgroupId Charged(CgroupId cgroup, CgroupId owner) const;

  // What the first totals have beyond the cursor was counted after `time`, at an unknown moment.
  void UnreadSince(TimeNs time) { unread_since_ = time; }
  // Marks everything in these totals as emitted before; where they are not whole, what the first
  // Deliver finds as well.
  void PassOver(const CounterTotals& totals);

  // Call before totals are read: cgroups removed from here on may still be counted.
  void BeforeRead() { cgroups_.BeforeRead(); }
  // Emits what is new in `totals`. True when records of cgroups were lost: the tree must be
  // rescanned.
  bool Deliver(const CounterTotals& totals, TimeNs now, const KernelEventSink& sink);
  // Emits what a predecessor counted beyond its own cursor.
  void DeliverPredecessor(const CounterTotals& totals, const CounterCursor& cursor, TimeNs now,
                          const KernelEventSink& sink);

  // What changed in the cursor since the last call. Commit or Rollback must follow.
  CursorChanges DrainCursor(uint64_t ring_position);
  // Nothing was persisted: the next cursor is whole, and no counter is freed.
  void Rollback();
  // What was drained is persisted, or has nowhere else to go. Returns what the kernel may forget.
  struct Forgettable {
    std::vector<std::pair<capmon_check_key, CgroupId>> counters;  // with their owners
    std::set<CgroupId> cgroups;
  };
  Forgettable Commit();

 private:
  void DeliverCounts(const CounterTotals& totals, TimeNs now, const KernelEventSink& sink);
  void DeliverReads(const CounterTotals& totals, TimeNs now, const KernelEventSink& sink);
  bool DeliverLosses(const CounterTotals& totals, TimeNs now, const KernelEventSink& sink);

  CounterLedger ledger_;
  LiveCgroups cgroups_;
  TimeNs unread_since_ = 0;
  bool pass_over_ = false;
  bool reads_known_ = false;
};

}  // namespace capmon
