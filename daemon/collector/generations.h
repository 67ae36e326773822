// SPDX-License-Identifier: Apache-2.0
// The generations of pinned programs and maps: the one that counts for this process, adopted or
// pinned by itself, and the predecessors whose counters are delivered once. Owned by the event
// loop.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/collector/kernel_programs.h"
#include "daemon/collector/persistent_source.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/collector/predecessor.h"
#include "daemon/model/counter_cursor.h"

namespace capmon {

class Generations {
 public:
  // Without a directory nothing is pinned, and nothing outlives the process.
  explicit Generations(const PinDirectory* pins) : pins_(pins) {}

  // Pinned generations of this layout and fingerprint: this process may go on with any of them.
  static std::vector<PinnedGeneration> Interchangeable(const PinDirectory& pins,
                                                       uint64_t fingerprint);
  // The programs that count are a generation pinned earlier, or were loaded at `now`.
  void Adopt(const PinnedGeneration& pinned);
  void StartAnew(TimeNs now) { made_ = now; }
  // Reads all predecessors. Call once the own programs count: what the others count from then on
  // is counted twice, and not read.
  void ReadPredecessors();
  // Pins programs that proved to work, unless they were adopted, and detaches the predecessors'.
  void Pin(KernelPrograms& programs, uint64_t fingerprint);

  uint64_t own() const { return own_; }  // 0: not pinned
  bool adopted() const { return adopted_; }
  // Checks were counted without a break since an earlier process.
  bool unbroken() const { return unbroken_; }
  // What went wrong with pins, one sentence each.
  const std::vector<std::string>& remarks() const { return remarks_; }
  // All whose counters hold something of an earlier process, the own one among them.
  std::vector<PersistentSource::PredecessorState> Predecessors() const;

  // How far a predecessor is known already, and that it is not to be delivered at all.
  void Resume(const CounterCursor& cursor) { cursors_[cursor.generation] = cursor; }
  void PassOver(uint64_t generation) { passed_over_.insert(generation); }
  using Deliver = std::function<void(const Predecessor&, const CounterCursor& known)>;
  void DeliverPredecessors(const Deliver& deliver);
  // What was delivered is persisted: their pins go.
  void RemovePredecessors();

 private:
  absl::Status PinNew(KernelPrograms& programs, uint64_t fingerprint);

  const PinDirectory* const pins_;
  uint64_t own_ = 0;
  TimeNs made_ = 0;
  bool adopted_ = false;
  bool unbroken_ = false;
  std::vector<Predecessor> predecessors_;
  std::map<uint64_t, CounterCursor> cursors_;  // of predecessors
  std::set<uint64_t> passed_over_;
  std::vector<std::string> remarks_;
};

}  // namespace capmon
