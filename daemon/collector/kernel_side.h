// SPDX-License-Identifier: Apache-2.0
// The programs that count, with the ring and the counters they fill: reads both, learns the stack
// layout for them, and frees what capmond needs no more. Owned by the event loop.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/collector/check_map.h"
#include "daemon/collector/check_namer.h"
#include "daemon/collector/counter_delivery.h"
#include "daemon/collector/kernel_programs.h"
#include "daemon/collector/kernel_symbols.h"
#include "daemon/collector/ring_reader.h"
#include "daemon/collector/self_test.h"
#include "daemon/collector/stack_layout.h"

namespace capmon {

class KernelSide {
 public:
  // Goes on with what is pinned, or, when that is null, loads its own. Not used before SelfTest().
  static absl::StatusOr<std::unique_ptr<KernelSide>> Open(const CgroupHierarchy& hierarchy,
                                                          const std::string& backend,
                                                          const KernelPrograms::Sizes& sizes,
                                                          const PinnedGeneration* pinned);
  // Whether the programs see checks, and where they do not.
  absl::Status SelfTest();
  // What this kernel side is, and what it cannot see.
  SourceStarted Started(TimeNs now, const std::string& cgroup_layout) const;

  KernelPrograms& programs() { return *programs_; }
  const KernelPrograms& programs() const { return *programs_; }
  const CheckNamer& namer() const { return namer_; }
  void LearnStack(const capmon_check_record& record);

  // Calls back for every record not read yet, but for those the self-test made.
  void ReadRing(const RingReader::Visitor& visit);
  // Reads the counters, and before and after them the ring: all that explains the counters has
  // been visited then. `before_counters` is called between the two.
  CounterTotals ReadTotals(const RingReader::Visitor& visit,
                           const std::function<void()>& before_counters);
  // Likewise, but only the counters that `keys` returns, and these owners.
  CounterTotals ReadTotalsOf(const std::set<CgroupId>& owners, const RingReader::Visitor& visit,
                             const std::function<std::vector<capmon_check_key>()>& keys);
  uint64_t position() const { return position_; }  // in the ring: read so far
  // Goes on from a position an earlier process had reached, if it is in the ring still.
  void SkipTo(uint64_t position);
  uint64_t end() const { return ring_->end(); }

  // Gives the room of what was read back to the kernel.
  void ReleaseRing();
  bool RingFills() const { return ring_->end() - ring_->released() > programs_->ring_size() / 16; }
  void Free(const CounterDelivery::Forgettable& forgettable);
  // How full the map is; the time is not set.
  MapUsage Usage(const CounterTotals& totals) const;

 private:
  KernelSide();
  CounterTotals ReadBetween(const RingReader::Visitor& visit,
                            const std::function<void(CounterTotals&)>& read);

  std::unique_ptr<KernelPrograms> programs_;
  std::unique_ptr<RingReader> ring_;
  std::unique_ptr<CheckMap> checks_;
  std::unique_ptr<KernelSymbols> symbols_;
  CheckNamer namer_;
  StackLayout layout_;
  std::vector<std::string> blind_spots_;
  uint64_t position_ = 0;
  uint64_t freed_ = 0;
  uint32_t own_pid_ = 0;
  uint64_t self_tested_until_ = 0;  // CLOCK_MONOTONIC: own checks up to then were the self-test's
};

}  // namespace capmon
