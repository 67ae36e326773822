// SPDX-License-Identifier: Apache-2.0
// The kernel side in memory, and a source that reads it as BpfSource does: counters that outlive a
// process, records that are lost with one, generations that follow each other. Only what loads
// programs is missing.
#pragma once

#include <cstring>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "daemon/collector/counter_delivery.h"
#include "daemon/collector/persistent_source.h"

namespace capmon {

struct KeyLess {
  bool operator()(const capmon_check_key& a, const capmon_check_key& b) const {
    return std::memcmp(&a, &b, sizeof(a)) < 0;
  }
};

class SimulatedKernel {
 public:
  struct Generation {
    TimeNs made = 0;
    std::map<capmon_check_key, capmon_check_counts, KeyLess> counters;
  };

  void Make(CgroupId cgroup) {
    cgroups.insert(cgroup);
    records.emplace_back(CgroupMade{now, cgroup, PathOf(cgroup), false});
  }
  void Remove(CgroupId cgroup) {
    cgroups.erase(cgroup);
    records.emplace_back(CgroupRemoved{now, cgroup});
  }
  void Check(CgroupId cgroup, uint8_t capability, uint64_t count) {
    capmon_check_key key{};
    key.cgroup_id = cgroup;
    key.capability = capability;
    key.syscall = CAPMON_NO_SYSCALL;
    generations.at(counting).counters[key].count += count;
    checks_made += count;
  }
  static std::string PathOf(CgroupId cgroup) { return "/made/" + std::to_string(cgroup); }

  TimeNs now = kSecond;
  std::set<CgroupId> cgroups;
  std::vector<KernelEvent> records;  // in the ring
  std::map<uint64_t, Generation> generations;
  uint64_t counting = 0;  // the generation whose programs are attached
  uint64_t checks_made = 0;
};

class SimulatedSource : public PersistentSource {
 public:
  // Adopts the generation that counts, or pins its own.
  SimulatedSource(SimulatedKernel& kernel, bool adopt)
      : kernel_(kernel),
        delivery_([](const capmon_check_key& key, CounterLedger::Counter& counter) {
          counter.resolved.cgroup = key.cgroup_id;
          counter.resolved.capability = key.capability;
          counter.resolved.granted = true;
          counter.resolved.exe_origin = ExeOrigin::kOwn;
        }) {
    adopted_ = adopt && kernel.counting != 0;
    if (!adopted_) kernel.generations[++kernel.counting].made = kernel.now;
    own_ = kernel.counting;
    delivery_.ledger().Persist(own_);
    for (const auto& [id, generation] : kernel.generations)
      if (id != own_) predecessors_.insert(id);
  }

  // Everything from here on is as if the process had been killed.
  void Kill() { killed_ = true; }

  void Drain(const KernelEventSink& sink) {
    if (!std::exchange(drained_, true)) DrainFirst(sink);
    for (const KernelEvent& record : std::exchange(kernel_.records, {})) OnRecord(record, sink);
    delivery_.BeforeRead();
    const CounterTotals totals = TotalsOf(own_);
    delivery_.Deliver(totals, kernel_.now, sink);
    std::set<CgroupId> counted;
    for (const auto& [key, total] : totals.checks) counted.insert(key.cgroup_id);
    for (const CgroupId cgroup : delivery_.cgroups().Suspects(counted, 64)) LookUp(cgroup, sink);
    sink(Tick{kernel_.now});
  }

  // Of the counters, reads those of one cgroup; call after Drain.
  void DrainOf(CgroupId cgroup, const KernelEventSink& sink) {
    for (const KernelEvent& record : std::exchange(kernel_.records, {})) OnRecord(record, sink);
    CounterTotals totals = TotalsOf(own_);
    totals.whole = false;
    std::erase_if(totals.checks,
                  [&](const auto& check) { return check.first.cgroup_id != cgroup; });
    delivery_.Deliver(totals, kernel_.now, sink);
    sink(Tick{kernel_.now});
  }

  std::vector<PredecessorState> Predecessors() const override {
    std::vector<PredecessorState> earlier;
    if (adopted_) earlier.push_back({own_, kernel_.generations.at(own_).made});
    for (const uint64_t id : predecessors_)
      earlier.push_back({id, kernel_.generations.at(id).made});
    return earlier;
  }
  void Resume(const CounterCursor& cursor) override {
    if (adopted_ && cursor.generation == own_)
      delivery_.ledger().Resume(cursor);
    else
      cursors_[cursor.generation] = cursor;
  }
  void PassOver(uint64_t generation) override {
    if (adopted_ && generation == own_)
      delivery_.PassOver(TotalsOf(own_));
    else
      passed_over_.insert(generation);
  }
  void Expect(const std::set<CgroupId>& cgroups) override {
    for (const CgroupId cgroup : cgroups) delivery_.cgroups().Made(cgroup);
  }
  void UnreadSince(TimeNs time) override { delivery_.UnreadSince(time); }
  CursorChanges DrainCursor() override { return delivery_.DrainCursor(0); }
  void Commit() override {
    if (killed_) return;
    for (const uint64_t id : std::exchange(predecessors_, {})) kernel_.generations.erase(id);
    for (const auto& [key, owner] : delivery_.Commit().counters)
      kernel_.generations.at(own_).counters.erase(key);
  }
  void Rollback() override { delivery_.Rollback(); }
  bool pinned() const override { return true; }
  bool unbroken() const override { return adopted_ || !predecessors_.empty(); }

  size_t counters() const { return kernel_.generations.at(own_).counters.size(); }

 private:
  CounterTotals TotalsOf(uint64_t generation) const {
    CounterTotals totals;
    for (const auto& [key, counts] : kernel_.generations.at(generation).counters)
      totals.checks.emplace_back(key, counts);
    return totals;
  }
  void DrainFirst(const KernelEventSink& sink) {
    for (const uint64_t id : predecessors_)
      if (!passed_over_.contains(id))
        delivery_.DeliverPredecessor(TotalsOf(id), cursors_[id], kernel_.now, sink);
    for (const CgroupId cgroup : kernel_.cgroups)
      sink(CgroupMade{kernel_.now, cgroup, SimulatedKernel::PathOf(cgroup), true});
    for (const CgroupId cgroup : delivery_.cgroups().Rescanned(kernel_.cgroups))
      if (delivery_.cgroups().Removed(cgroup)) sink(CgroupRemoved{kernel_.now, cgroup});
  }
  void OnRecord(const KernelEvent& record, const KernelEventSink& sink) {
    if (const auto* made = std::get_if<CgroupMade>(&record)) delivery_.cgroups().Made(made->cgroup);
    if (const auto* removed = std::get_if<CgroupRemoved>(&record))
      delivery_.cgroups().Removed(removed->cgroup);
    sink(record);
  }
  void LookUp(CgroupId cgroup, const KernelEventSink& sink) {
    LiveCgroups& cgroups = delivery_.cgroups();
    if (!kernel_.cgroups.contains(cgroup)) {
      if (cgroups.Removed(cgroup)) sink(CgroupRemoved{kernel_.now, cgroup});
    } else if (!cgroups.Contains(cgroup)) {
      cgroups.Made(cgroup);
      sink(CgroupMade{kernel_.now, cgroup, SimulatedKernel::PathOf(cgroup), true});
    }
  }

  SimulatedKernel& kernel_;
  CounterDelivery delivery_;
  uint64_t own_ = 0;
  bool adopted_ = false;
  bool drained_ = false;
  bool killed_ = false;
  std::set<uint64_t> predecessors_;
  std::map<uint64_t, CounterCursor> cursors_;
  std::set<uint64_t> passed_over_;
};

}  // namespace capmon
