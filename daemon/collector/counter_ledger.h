// SPDX-License-Identifier: Apache-2.0
// What of the kernel's counters has been delivered: turns totals into increments, and notes the
// cursor from which another capmond can go on. Pure.
#pragma once

#include <array>
#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "bpf/capmon_events.h"
#include "daemon/collector/counter_index.h"
#include "daemon/model/counter_cursor.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

// By enum capmon_loss: the cause in EvidenceLost.
inline constexpr std::array<const char*, CAPMON_LOSS_CAUSES> kLossNames = {
    "map-full", "key-quota", "ring-check",  "ring-cgroup",  "ring-exec",  "in-flight",
    "outcome",  "ring-call", "ring-capset", "ring-removed", "left-cgroup"};

// The kernel's key as it is written in a cursor, and back; false for what no key makes.
std::string CounterName(const capmon_check_key& key);
bool ParseCounterName(const std::string& name, capmon_check_key& key);

class CounterLedger {
 public:
  struct Counter {
    CheckKey resolved;
    CheckCounts delivered;
    CgroupId owner = 0;
    bool site_certain = false;  // from the key itself, not from a sample
  };
  struct Lost {
    std::string cause;
    CgroupId owner = 0;  // 0: not known
    uint64_t count = 0;
  };
  // Fills in `resolved` and `site_certain` of a counter seen for the first time.
  using Resolve = std::function<void(const capmon_check_key&, Counter&)>;

  explicit CounterLedger(Resolve resolve) : resolve_(std::move(resolve)) {}

  // Notes a cursor from now on: the counters outlive the process.
  void Persist(uint64_t generation) { generation_ = generation; }
  // Goes on from a cursor of the same generation.
  void Resume(const CounterCursor& cursor);

  Counter& Of(const capmon_check_key& key);
  // Notes who is charged for a counter that was read.
  void SetOwner(const capmon_check_key& key, CgroupId owner);
  // Returns those in these cgroups or charged to them, and those that were not read yet.
  std::vector<capmon_check_key> KeysOf(const std::set<CgroupId>& cgroups) const {
    return index_.KeysOf(cgroups);
  }
  // The increment since the last time; nothing counted means nothing new.
  CheckCounts Advance(const capmon_check_key& key, const CheckCounts& total);
  // Likewise for an owner's losses and for those of no particular owner.
  std::vector<Lost> AdvanceLosses(CgroupId owner, const capmon_owner& totals);
  uint64_t AdvanceLoss(const std::string& cause, uint64_t total);
  // Whether records of an owner's checks were lost beyond that: it may have counters of which
  // nothing is known here.
  bool LostRecords(CgroupId owner, const capmon_owner& totals) const;
  // How often an owner's tasks read from TCP connections since the last time; of those known when
  // `pass_over`, nothing. Not in the cursor: what was read while capmond did not run shows no use.
  uint64_t AdvanceReads(CgroupId owner, uint64_t total, bool pass_over);
  // These totals were delivered before this process, or never will be.
  void PassOverLosses(CgroupId owner, const capmon_owner& totals);
  void PassOverLoss(const std::string& cause, uint64_t total);

  // Forgets the counters of these cgroups, and the losses of these owners.
  using Freed = std::function<void(const capmon_check_key&, const Counter&)>;
  void Free(const std::set<CgroupId>& cgroups, const Freed& freed);
  void FreeOwner(CgroupId owner);

  CursorChanges DrainCursor(uint64_t ring_position);
  void Rollback();  // what was drained was not persisted: the next one is whole

  size_t size() const { return counters_.size(); }

 private:
  struct KeyHash {
    size_t operator()(const capmon_check_key& key) const;
  };
  struct KeyEqual {
    bool operator()(const capmon_check_key& a, const capmon_check_key& b) const;
  };
  using Losses = std::array<uint64_t, CAPMON_LOSS_CAUSES>;

  void Note(const capmon_check_key& key, const Counter& counter);
  void NoteLosses(CgroupId owner, const Losses& losses);

  const Resolve resolve_;
  uint64_t generation_ = 0;  // 0: nothing to note
  std::unordered_map<capmon_check_key, Counter, KeyHash, KeyEqual> counters_;
  CounterIndex index_;                                 // of the keys in counters_
  std::unordered_map<CgroupId, Losses> owner_losses_;  // delivered, where there are any
  std::map<std::string, uint64_t> losses_;             // likewise, of no particular owner
  std::unordered_map<CgroupId, uint64_t> reads_;       // by owner, where there are any
  CursorChanges cursor_;                               // since the last DrainCursor
};

}  // namespace capmon
