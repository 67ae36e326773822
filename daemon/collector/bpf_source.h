// SPDX-License-Identifier: Apache-2.0
// The live kernel as a source: the programs that count (KernelSide), what is new in their counters
// (CounterDelivery), which cgroups exist (HostCgroups) and what earlier processes left
// (Generations), composed. Owned by the event loop.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/collector/counter_delivery.h"
#include "daemon/collector/generations.h"
#include "daemon/collector/host_cgroups.h"
#include "daemon/collector/kernel_side.h"
#include "daemon/collector/kernel_source.h"
#include "daemon/collector/record_decoder.h"

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

  // So long after the record of a new kind of check its first check is counted.
  static constexpr TimeNs kSettles = CAPMON_SETTLES_NS;

  // UNAVAILABLE naming each back end's refusal; PERMISSION_DENIED when nothing may be loaded.
  static absl::StatusOr<std::unique_ptr<BpfSource>> Open(Options options);
  ~BpfSource() override;

  int fd() const override { return kernel_->programs().ring_fd(); }
  absl::Status Drain(const KernelEventSink& sink) override;
  absl::Status DrainOf(const std::set<CgroupId>& cgroups, const KernelEventSink& sink) override;
  // Reads the ring alone: the counters can wait for the next tick, and are too many for every
  // wakeup.
  void DrainUrgent(const KernelEventSink& sink) override;
  void SetGroups(const std::set<CgroupId>& groups) override { host_.SetGroups(groups); }
  absl::Status WatchOutcomes(bool on) override;
  absl::Status WatchAnswers(bool on) override { return kernel_->programs().WatchAnswers(on); }
  bool awaits_ends() const override { return kernel_->programs().awaits_ends(); }
  std::vector<ProgramRuns> program_runs() const override { return kernel_->programs().Runs(); }
  absl::Status WatchUse(bool on) override { return kernel_->programs().WatchUse(on); }

  std::vector<PredecessorState> Predecessors() const override {
    return generations_.Predecessors();
  }
  void Resume(const CounterCursor& cursor) override;
  void PassOver(uint64_t generation) override;
  void Expect(const std::set<CgroupId>& cgroups) override;
  void UnreadSince(TimeNs time) override { delivery_.UnreadSince(time); }
  CursorChanges DrainCursor() override { return delivery_.DrainCursor(kernel_->position()); }
  void Commit() override;
  void Rollback() override;
  bool NeedsCommit() const override { return kernel_->RingFills(); }
  bool pinned() const override { return generations_.own() != 0; }
  bool unbroken() const override { return generations_.unbroken(); }
  std::vector<std::string> remarks() const override { return generations_.remarks(); }

  CgroupId own_cgroup() const { return kernel_->programs().own_cgroup(); }
  std::string backend() const { return kernel_->programs().backend(); }
  uint32_t own_exe() const { return kernel_->programs().own_exe(); }
  // The checks of this child of capmond and of its children are not counted. 0: none.
  void LeaveOutReader(pid_t reader) {
    kernel_->programs().settings().reader_tgid = static_cast<uint32_t>(reader);
  }
  // Counts this process like any other from now on: for measuring what that costs.
  void MeasureOwnChecks() { kernel_->programs().settings().own_tgid = 0; }

 private:
  explicit BpfSource(Options options);
  static std::unique_ptr<BpfSource> Adopt(const Options& options);
  // With what is pinned, or, when that is null, anew.
  absl::Status Start(const std::string& backend, const PinnedGeneration* pinned);
  void DrainFirst(const KernelEventSink& sink);
  // Handles the bytes of one ring record.
  RingReader::Visitor Visitor(const KernelEventSink& sink);
  void Announce(const KernelEventSink& sink);
  void OnRecord(const Record& record, const KernelEventSink& sink);
  void OnCheck(const capmon_check_record& record, const KernelEventSink& sink);
  void OnExec(const ExecRecord& record, const KernelEventSink& sink);
  RecordPlace PlaceOf(const capmon_record_header& header) const;
  void Free(const CounterDelivery::Forgettable& forgettable);

  const Options options_;
  std::unique_ptr<KernelSide> kernel_;
  CounterDelivery delivery_;
  HostCgroups host_;
  Generations generations_;
  std::unordered_map<CgroupId, SurroundingsSeen> surroundings_;  // as last emitted
  MapUsage usage_;                                               // likewise
  bool announced_ = false;
  TimeNs watch_changed_ = 0;  // when system calls began to be watched, or ceased; 0: never
  bool drained_ = false;
};

}  // namespace capmon
