// SPDX-License-Identifier: Apache-2.0
// The live kernel as a source: turns counters and ring records into kernel events, learns the stack
// layout on the way, and frees the counters of cgroups that are gone. Owned by the event loop.
//
// With a pin directory the kernel side outlives this process, and an earlier one's is gone on with:
// adopted where it is like our own, else read for the last time. Then nothing is given back to the
// kernel until Kept() says that what was delivered lives somewhere else, too.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"
#include "daemon/collector/check_map.h"
#include "daemon/collector/counter_ledger.h"
#include "daemon/collector/host_scan.h"
#include "daemon/collector/inheritance.h"
#include "daemon/collector/kernel_programs.h"
#include "daemon/collector/kernel_source.h"
#include "daemon/collector/kernel_symbols.h"
#include "daemon/collector/live_cgroups.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/collector/ring_reader.h"
#include "daemon/collector/self_test.h"
#include "daemon/collector/stack_layout.h"

namespace capmon {

class BpfSource : public KernelSource {
 public:
  struct Options {
    CgroupHierarchy hierarchy;
    std::string cgroup_layout;  // "v2", "hybrid", "v1": for people
    HostRoots roots;            // where to find what already runs
    std::string backend;        // "" tries all, best first
    KernelPrograms::Sizes sizes;
    const PinDirectory* pins = nullptr;  // none: nothing outlives the process
  };

  // UNAVAILABLE naming each back end's refusal; PERMISSION_DENIED when nothing may be loaded.
  static absl::StatusOr<std::unique_ptr<BpfSource>> Open(Options options);
  ~BpfSource() override;

  int fd() const override;
  absl::Status Drain(const KernelEventSink& sink) override;
  void DrainUrgent(const KernelEventSink& sink) override;

  // Earlier generations this one goes on from, maybe itself among them. Before the first Drain,
  // Resume or PassOver says of each how far it is known already; else all it counted is news.
  struct Inherited {
    uint64_t generation = 0;
    TimeNs made = 0;  // it has counted from then on
  };
  std::vector<Inherited> InheritedOnes() const;
  void Resume(const CounterCursor& cursor);
  void PassOver(uint64_t generation);
  // The cgroups there were when capmond last looked: those gone since are reported as removed.
  void Expect(const std::set<CgroupId>& cgroups);
  // What the first Drain finds counted was counted after `time`, at a moment that is not known.
  void UnreadSince(TimeNs time) { unread_since_ = time; }
  // Cgroups that only group others: what is below them is charged to itself. Replaces the former.
  void SetGroups(const std::set<CgroupId>& groups);

  // How far Drain has come since the last call.
  CursorChanges TakeCursor();
  void PutBack();  // it did not arrive: the next one is whole
  // All that TakeCursor told is safe: the kernel may forget it.
  void Kept();
  // So much of the ring waits for Kept() that it should not wait much longer.
  bool RingFills() const { return ring_->end() - ring_->released() > programs_->ring_size() / 16; }

  bool pinned() const { return generation_ != 0; }
  // Checks were counted without a break since an earlier capmond.
  bool unbroken() const { return unbroken_; }
  // What went wrong with pins, one sentence each.
  const std::vector<std::string>& remarks() const { return remarks_; }

  // Learns how system calls end from now on, or stops doing so; this costs on every system call.
  absl::Status WatchOutcomes(bool on);
  CgroupId own_cgroup() const { return programs_->own_cgroup(); }
  // Counts this process like any other from now on: for measuring what that costs.
  void MeasureOwnChecks() { programs_->settings().own_tgid = 0; }

 private:
  explicit BpfSource(Options options);
  static std::unique_ptr<BpfSource> Adopt(const Options& options);
  // With what is pinned, or, when that is null, anew.
  absl::Status Start(const std::string& backend, const PinnedGeneration* pinned);
  absl::Status SelfTest();
  void TakeInheritances();
  void Pin();
  void TakeOver(const KernelEventSink& sink);
  void LookAround(const KernelEventSink& sink);
  void LookUp(const std::set<CgroupId>& counted, const KernelEventSink& sink);
  void ReportMade(TimeNs time, CgroupId cgroup, const std::string& path, bool existing);
  void MarkGroup(CgroupId cgroup, bool group);
  void Deliver(const Inheritance& inheritance, const KernelEventSink& sink);
  void ReadRing();
  void Announce(const KernelEventSink& sink);
  void Dispatch(const void* data, size_t size);
  void OnCheck(const capmon_check_record& record);
  void OnCgroup(const capmon_record_header& header, std::string_view path, bool made);
  void OnExec(const capmon_exec_record& record);
  void TellSurroundings(const capmon_exec_record& record, TimeNs time);
  void OnCapset(const capmon_capset_record& record);
  void OnExecRefused(const capmon_exec_refused_record& record);
  void OnCall(const capmon_call_record& record);
  void LearnStack(const capmon_check_record& record);
  void Resolve(const capmon_check_key& key, CounterLedger::Counter& counter);
  // The cgroup whose container is charged: of one nobody reported, its owner.
  CgroupId Charged(CgroupId cgroup, CgroupId owner) const;
  // The counters as they were at one moment.
  struct Counters {
    std::vector<std::pair<capmon_check_key, capmon_check_counts>> totals;
    std::vector<std::pair<uint64_t, capmon_owner>> owners;
    absl::Status status;  // why some are missing
  };
  Counters ReadTogether();
  void DeliverCounts(const Counters& counters, const KernelEventSink& sink);
  void DeliverLosses(const Counters& counters, const KernelEventSink& sink);
  void DeliverUsage(const Counters& counters, const KernelEventSink& sink);
  TimeNs WallTime(uint64_t monotonic_ns) const;

  Options options_;
  std::unique_ptr<KernelPrograms> programs_;
  std::unique_ptr<RingReader> ring_;
  uint64_t position_ = 0;  // in the ring: read so far
  std::unique_ptr<CheckMap> checks_;
  std::unique_ptr<KernelSymbols> symbols_;
  StackLayout layout_;
  SelfTestResult self_test_;
  CounterLedger ledger_;
  LiveCgroups live_;
  UniqueFd cgroup_mount_;  // to look cgroups up by their ids
  std::set<CgroupId> groups_;
  std::unordered_map<CgroupId, SurroundingsSeen> surroundings_;  // as last told
  MapUsage usage_;                                               // as last told
  uint64_t freed_ = 0;
  const KernelEventSink* sink_ = nullptr;  // set while draining
  const RecordVisitor* probe_ = nullptr;   // set while self-testing
  uint32_t own_pid_ = 0;
  uint64_t probed_until_ = 0;  // CLOCK_MONOTONIC: own checks up to then were the self-test's
  bool announced_ = false;
  bool taken_over_ = false;

  uint64_t generation_ = 0;  // 0: not pinned
  TimeNs made_ = 0;
  bool adopted_ = false;
  bool unbroken_ = false;
  bool pass_over_ = false;   // what the adopted counters show first is not news
  TimeNs unread_since_ = 0;  // of what is delivered first
  std::vector<Inheritance> inherited_;
  std::map<uint64_t, CounterCursor> cursors_;  // of inherited generations
  std::set<uint64_t> passed_over_;
  bool untold_ = false;    // cgroups came or went untold: to be looked for
  TimeNs look_after_ = 0;  // by the steady clock
  std::vector<std::string> remarks_;
};

}  // namespace capmon
