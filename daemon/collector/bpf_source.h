// SPDX-License-Identifier: Apache-2.0
// The live kernel as a source: turns counters and ring records into kernel events, learns the stack
// layout on the way, and frees the counters of cgroups that are gone. Owned by the event loop.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/collector/check_map.h"
#include "daemon/collector/host_scan.h"
#include "daemon/collector/kernel_programs.h"
#include "daemon/collector/kernel_source.h"
#include "daemon/collector/kernel_symbols.h"
#include "daemon/collector/self_test.h"
#include "daemon/collector/stack_layout.h"

struct ring_buffer;

namespace capmon {

class BpfSource : public KernelSource {
 public:
  struct Options {
    CgroupHierarchy hierarchy;
    std::string cgroup_layout;  // "v2", "hybrid", "v1": for people
    HostRoots roots;            // where to find what already runs
    std::string backend;        // "" tries all, best first
    KernelPrograms::Sizes sizes;
  };

  // UNAVAILABLE naming each back end's refusal; PERMISSION_DENIED when nothing may be loaded.
  static absl::StatusOr<std::unique_ptr<BpfSource>> Open(Options options);
  ~BpfSource() override;

  int fd() const override;
  absl::Status Drain(const KernelEventSink& sink) override;
  bool finished() const override { return false; }

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
  struct RingDelete {
    void operator()(ring_buffer* ring) const;
  };

  explicit BpfSource(Options options) : options_(std::move(options)) {}
  absl::Status Start(const std::string& backend);
  void Announce(const KernelEventSink& sink);
  static int OnRecord(void* self, void* data, size_t size);
  void Dispatch(const void* data, size_t size);
  void OnCheck(const capmon_check_record& record);
  void OnCgroup(const capmon_cgroup_record& record, bool made);
  void OnExec(const capmon_exec_record& record);
  void TellSurroundings(const capmon_exec_record& record, TimeNs time);
  void OnCapset(const capmon_capset_record& record);
  void LearnStack(const capmon_check_record& record);
  KeyState& StateOf(const capmon_check_key& key);
  void DeliverCounts(const KernelEventSink& sink);
  void DeliverLosses(const KernelEventSink& sink);
  void FreeRemovedCgroups();
  TimeNs WallTime(uint64_t monotonic_ns) const;

  Options options_;
  std::unique_ptr<KernelPrograms> programs_;
  std::unique_ptr<ring_buffer, RingDelete> ring_;
  std::unique_ptr<CheckMap> checks_;
  std::unique_ptr<KernelSymbols> symbols_;
  StackLayout layout_;
  SelfTestResult self_test_;
  std::unordered_map<capmon_check_key, KeyState, KeyHash, KeyEqual> keys_;
  std::unordered_map<CgroupId, SurroundingsSeen> surroundings_;  // as last told
  std::vector<uint64_t> losses_delivered_;
  uint64_t missed_delivered_ = 0;
  std::deque<CgroupId> removed_;           // their counters are freed after the next delivery
  const KernelEventSink* sink_ = nullptr;  // set while draining
  const RecordVisitor* probe_ = nullptr;   // set while self-testing
  bool announced_ = false;
  bool scanned_ = false;
};

}  // namespace capmon
