// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/peer.h"

#include <bpf/libbpf.h>
#include <capmon_peers_bpf.skel.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace capmon {
namespace {

constexpr uint64_t kNoWakeup = 1;    // BPF_RB_NO_WAKEUP
constexpr size_t kPagesPerCpu = 64;  // of the perf buffer
constexpr int kPollMilliseconds = 100;

// How struct peer_record begins.
struct RecordStart {
  uint64_t time, pid_tgid;
};

struct SkeletonDelete {
  void operator()(capmon_peers_bpf* skeleton) const { capmon_peers_bpf__destroy(skeleton); }
};
struct RingDelete {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};
struct PerfDelete {
  void operator()(perf_buffer* perf) const { perf_buffer__free(perf); }
};

class LoadedPeer : public Peer {
 public:
  explicit LoadedPeer(const PeerDesign& design) : design_(design) {}
  ~LoadedPeer() override {
    stop_ = true;
    if (receiver_.joinable()) receiver_.join();
  }
  uint64_t Received() override { return received_.exchange(0); }

  bool Load(const std::string& backend) {
    skeleton_.reset(capmon_peers_bpf__open());
    skeleton_->rodata->with_stack = design_.stack;
    skeleton_->rodata->ring_flags = design_.wake ? 0 : kNoWakeup;
    if (!Choose(std::string(design_.program) + "_" + backend)) return false;
    if (design_.pairs && !(Choose("call_begins") && Choose("call_ends"))) return false;
    if (capmon_peers_bpf__load(skeleton_.get()) != 0) return false;
    if (std::string(design_.program) == "perf")
      perf_.reset(perf_buffer__new(bpf_map__fd(skeleton_->maps.perf), kPagesPerCpu, &OnPerfRecord,
                                   nullptr, this, nullptr));
    else
      ring_.reset(
          ring_buffer__new(bpf_map__fd(skeleton_->maps.ring), &OnRingRecord, this, nullptr));
    if (perf_ == nullptr && ring_ == nullptr) return false;
    if (capmon_peers_bpf__attach(skeleton_.get()) != 0) return false;
    receiver_ = std::thread([this] { Receive(); });
    return true;
  }

 private:
  bool Choose(const std::string& name) {
    bpf_program* const program = bpf_object__find_program_by_name(skeleton_->obj, name.c_str());
    return program != nullptr && bpf_program__set_autoload(program, true) == 0;
  }
  // Counts those of this process, though records of all arrive.
  void Count(const void* record) {
    if (static_cast<const RecordStart*>(record)->pid_tgid >> 32 == own_) ++received_;
  }
  static int OnRingRecord(void* self, void* record, size_t) {
    static_cast<LoadedPeer*>(self)->Count(record);
    return 0;
  }
  static void OnPerfRecord(void* self, int, void* record, unsigned) {
    static_cast<LoadedPeer*>(self)->Count(record);
  }
  void Receive() {
    // The thread that measures keeps to one CPU and hands that on to its threads.
    cpu_set_t all;
    CPU_ZERO(&all);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &all);
    sched_setaffinity(0, sizeof(all), &all);
    while (!stop_) {
      if (perf_ != nullptr) {
        perf_buffer__poll(perf_.get(), kPollMilliseconds);
      } else if (design_.wake) {
        ring_buffer__poll(ring_.get(), kPollMilliseconds);
      } else {
        ring_buffer__consume(ring_.get());
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  }

  const PeerDesign design_;
  const uint64_t own_ = static_cast<uint64_t>(getpid());
  std::unique_ptr<capmon_peers_bpf, SkeletonDelete> skeleton_;
  std::unique_ptr<ring_buffer, RingDelete> ring_;
  std::unique_ptr<perf_buffer, PerfDelete> perf_;
  std::thread receiver_;
  std::atomic<uint64_t> received_ = 0;
  std::atomic<bool> stop_ = false;
};

}  // namespace

const std::vector<PeerDesign>& PeerDesigns() {
  static const std::vector<PeerDesign> designs = {
      {"ring buffer, woken", "ring"},
      {"ring buffer, not woken", "ring", false, false},
      {"ring buffer, woken, stack", "ring", true},
      {"ring buffer, not woken, stack", "ring", true, false},
      {"perf buffer", "perf"},
      {"sys_enter and sys_exit paired", "call", false, false, true}};
  return designs;
}

std::unique_ptr<Peer> Peer::Attach(const PeerDesign& design, const std::string& backend) {
  auto peer = std::make_unique<LoadedPeer>(design);
  if (!peer->Load(backend)) return nullptr;
  return peer;
}

}  // namespace capmon
