// SPDX-License-Identifier: Apache-2.0
// What persistence asks of a source: where to go on from, and a cursor that is committed or rolled
// back with the evidence. By default nothing of a source outlives the process.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "daemon/model/counter_cursor.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class PersistentSource {
 public:
  virtual ~PersistentSource() = default;

  // Counters that an earlier process left.
  struct PredecessorState {
    uint64_t generation = 0;
    TimeNs made = 0;  // they have counted from then on
  };
  // Before the first Drain, Resume or PassOver says of each how far it is in the evidence already;
  // without either, all it counted is news.
  virtual std::vector<PredecessorState> Predecessors() const { return {}; }
  virtual void Resume(const CounterCursor&) {}
  virtual void PassOver(uint64_t /*generation*/) {}
  // The cgroups that existed when the evidence was last persisted: those gone since are reported
  // as removed.
  virtual void Expect(const std::set<CgroupId>&) {}
  // What the first Drain finds counted was counted after `time`, at a moment that is not known.
  virtual void UnreadSince(TimeNs) {}

  // How far Drain has come since the last call. Exactly one of the next two must follow.
  virtual CursorChanges DrainCursor() { return {}; }
  // What was drained is persisted, or has nowhere else to go: the kernel may forget it.
  virtual void Commit() {}
  // What was drained was not persisted: the next cursor is whole.
  virtual void Rollback() {}
  // So much waits for a commit that it should not wait for the next tick.
  virtual bool NeedsCommit() const { return false; }

  // The counters outlive this process.
  virtual bool pinned() const { return false; }
  // Checks were counted without a break since an earlier process.
  virtual bool unbroken() const { return false; }
  // What went wrong with pins, one sentence each.
  virtual std::vector<std::string> remarks() const { return {}; }
};

}  // namespace capmon
