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
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/collector/check_map.h"
#include "daemon/collector/host_scan.h"
#include "daemon/collector/inheritance.h"
#include "daemon/collector/kernel_programs.h"
#include "daemon/collector/kernel_source.h"
#include "daemon/collector/kernel_symbols.h"
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
  bool finished() const override { return false; }

  // Earlier generations this one goes on from, maybe itself among them. Before the first Drain,
  // Resume or PassOver says of each how far it is known already; else all it counted is news.
  struct Inherited {
    uint64_t generation = 0;
    TimeNs made = 0;  // it has counted from then on
  };
  std::vector<Inherited> InheritedOnes() const;
  void Resume(const CounterCursor& cursor);
  void PassOver(uint64_t generation);
  // The cgroups there were when capmond last looked: those gone since are told as removed.
  void Expect(std::set<CgroupId> cgroups) { living_.merge(cgroups); }

  // How far Drain has come since the last call.
  CursorChanges TakeCursor();
  void PutBack();  // it did not arrive: the next one is whole
  // All that TakeCursor told is safe: the kernel may forget it.
  void Kept();

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
  struct KeyHash {
    size_t operator()(const capmon_check_key& key) const;
  };
  struct KeyEqual {
    bool operator()(const capmon_check_key& a, const capmon_check_key& b) const;
  };
  // What user space knows about one kernel key.
  struct KeyState {
    CheckKey resolved;
    CheckCounts delivered;
    bool site_certain = false;  // from the key itself, not from a sample
  };

  explicit BpfSource(Options options) : options_(std::move(options)) {}
  static std::unique_ptr<BpfSource> Adopt(const Options& options);
  // With what is pinned, or, when that is null, anew.
  absl::Status Start(const std::string& backend, const PinnedGeneration* pinned);
  absl::Status SelfTest();
  void TakeInheritances();
  void Pin();
  void TakeOver(const KernelEventSink& sink);
  void LookAround(const KernelEventSink& sink);
  void Deliver(const Inheritance& inheritance, const KernelEventSink& sink);
  void ReadRing();
  void Announce(const KernelEventSink& sink);
  void Dispatch(const void* data, size_t size);
  void OnCheck(const capmon_check_record& record);
  void OnCgroup(const capmon_cgroup_record& record, bool made);
  void OnExec(const capmon_exec_record& record);
  void TellSurroundings(const capmon_exec_record& record, TimeNs time);
  void OnCapset(const capmon_capset_record& record);
  void OnExecRefused(const capmon_exec_refused_record& record);
  void OnCall(const capmon_call_record& record);
  void LearnStack(const capmon_check_record& record);
  KeyState& StateOf(const capmon_check_key& key);
  // The counters as they were at one moment.
  struct Counters {
    std::vector<std::pair<capmon_check_key, capmon_check_counts>> totals;
    absl::Status status;  // why some are missing
  };
  Counters ReadTogether();
  void DeliverCounts(const Counters& counters, const KernelEventSink& sink);
  // True when cgroups came or went untold.
  bool DeliverLosses(const KernelEventSink& sink);
  void DeliverLoss(const std::string& cause, uint64_t total, uint64_t known,
                   const KernelEventSink& sink);
  void NoteCursor(const capmon_check_key& key, const KeyState& state);
  TimeNs WallTime(uint64_t monotonic_ns) const;

  Options options_;
  std::unique_ptr<KernelPrograms> programs_;
  std::unique_ptr<RingReader> ring_;
  uint64_t position_ = 0;  // in the ring: read so far
  std::unique_ptr<CheckMap> checks_;
  std::unique_ptr<KernelSymbols> symbols_;
  StackLayout layout_;
  SelfTestResult self_test_;
  std::unordered_map<capmon_check_key, KeyState, KeyHash, KeyEqual> keys_;
  std::unordered_map<CgroupId, SurroundingsSeen> surroundings_;  // as last told
  std::map<std::string, uint64_t> losses_delivered_;             // by cause
  std::set<CgroupId> removed_;  // their counters are freed once what they counted is kept
  std::set<CgroupId> freeing_;  // likewise: TakeCursor told their last
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
  bool pass_over_ = false;  // what the adopted counters show first is not news
  std::vector<Inheritance> inherited_;
  std::map<uint64_t, CounterCursor> cursors_;  // of inherited generations
  std::set<uint64_t> passed_over_;
  std::set<CgroupId> living_;  // cgroups whose end was not told yet
  bool untold_ = false;        // some came or went untold: to be looked for
  TimeNs look_after_ = 0;      // by the steady clock
  CursorChanges cursor_;       // since the last TakeCursor
  std::vector<std::string> remarks_;
};

}  // namespace capmon
