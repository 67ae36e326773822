// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/counter_delivery.h"

namespace capmon {
namespace {

CheckCounts CountsOf(const capmon_check_counts& total) {
  return {total.count, total.succeeded, total.failed, total.errnos};
}

}  // namespace

CgroupId CounterDelivery::Charged(CgroupId cgroup, CgroupId owner) const {
  return owner == 0 || cgroups_.Reported(cgroup) ? cgroup : owner;
}

void CounterDelivery::PassOver(const CounterTotals& totals) {
  pass_over_ = !totals.status.ok();
  for (const auto& [key, total] : totals.checks) ledger_.Advance(key, CountsOf(total));
  for (const auto& [owner, losses] : totals.owners) ledger_.PassOverLosses(owner, losses);
  ledger_.PassOverLoss("recursion", totals.missed_runs);
}

bool CounterDelivery::Deliver(const CounterTotals& totals, TimeNs now,
                              const KernelEventSink& sink) {
  DeliverCounts(totals, now, sink);
  DeliverReads(totals, now, sink);
  if (!totals.status.ok())  // an unreadable map is a loss like any other, and shown as one
    sink(EvidenceLost{now, "map-unreadable", 0, 1});
  else if (totals.whole)
    cgroups_.Delivered();
  return DeliverLosses(totals, now, sink);
}

void CounterDelivery::DeliverCounts(const CounterTotals& totals, TimeNs now,
                                    const KernelEventSink& sink) {
  const bool pass_over = std::exchange(pass_over_, false);
  const TimeNs unread_since = std::exchange(unread_since_, 0);
  for (const auto& [key, total] : totals.checks) {
    CounterLedger::Counter& counter = ledger_.Of(key);
    if (counter.owner != total.owner) ledger_.SetOwner(key, total.owner);
    const CheckCounts fresh = ledger_.Advance(key, CountsOf(total));
    if (fresh == CheckCounts() || pass_over) continue;
    ChecksCounted counted{now, counter.resolved, fresh, unread_since};
    counted.key.cgroup = Charged(key.cgroup_id, total.owner);
    sink(counted);
  }
}

void CounterDelivery::DeliverReads(const CounterTotals& totals, TimeNs now,
                                   const KernelEventSink& sink) {
  const bool first = !std::exchange(reads_known_, true);
  for (const auto& [owner, used] : totals.owners)
    if (const uint64_t reads = ledger_.AdvanceReads(owner, used.reads, first);
        reads > 0 && owner != 0)
      sink(DataRead{now, owner, reads});
}

bool CounterDelivery::DeliverLosses(const CounterTotals& totals, TimeNs now,
                                    const KernelEventSink& sink) {
  bool cgroups_missed = false;
  for (const auto& [owner, losses] : totals.owners) {
    for (const CounterLedger::Lost& lost : ledger_.AdvanceLosses(owner, losses)) {
      sink(EvidenceLost{now, lost.cause, lost.owner, lost.count});
      cgroups_missed |= lost.cause == kLossNames[CAPMON_LOSS_RING_CGROUP] ||
                        lost.cause == kLossNames[CAPMON_LOSS_RING_REMOVED];
    }
  }
  const uint64_t missed = ledger_.AdvanceLoss("recursion", totals.missed_runs);
  if (missed > 0) sink(EvidenceLost{now, "recursion", 0, missed});
  return cgroups_missed;
}

void CounterDelivery::DeliverPredecessor(const CounterTotals& totals, const CounterCursor& cursor,
                                         TimeNs now, const KernelEventSink& sink) {
  for (const auto& [key, total] : totals.checks) {
    CounterCursor::Delivered before;
    if (const auto known = cursor.counters.find(CounterName(key)); known != cursor.counters.end())
      before = known->second;
    if (total.count <= before.counts.count) continue;
    CounterLedger::Counter& counter = ledger_.Of(key);
    if (counter.resolved.site.empty()) counter.resolved.site = before.site;
    sink(
        ChecksCounted{now,
                      counter.resolved,
                      {total.count - before.counts.count, total.succeeded - before.counts.succeeded,
                       total.failed - before.counts.failed, total.errnos},
                      unread_since_});
  }
  CounterLedger before([](const capmon_check_key&, CounterLedger::Counter&) {});
  before.Resume(cursor);
  for (const auto& [owner, losses] : totals.owners)
    for (const CounterLedger::Lost& lost : before.AdvanceLosses(owner, losses))
      sink(EvidenceLost{now, lost.cause, lost.owner, lost.count});
}

CursorChanges CounterDelivery::DrainCursor(uint64_t ring_position) {
  cgroups_.Taken();
  return ledger_.DrainCursor(ring_position);
}

void CounterDelivery::Rollback() {
  cgroups_.Rollback();
  ledger_.Rollback();
}

CounterDelivery::Forgettable CounterDelivery::Commit() {
  Forgettable forgettable{{}, cgroups_.Persisted()};
  ledger_.Free(forgettable.cgroups,
               [&](const capmon_check_key& key, const CounterLedger::Counter& counter) {
                 forgettable.counters.emplace_back(key, counter.owner);
               });
  for (const CgroupId cgroup : forgettable.cgroups) ledger_.FreeOwner(cgroup);
  return forgettable;
}

}  // namespace capmon
