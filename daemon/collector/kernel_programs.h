// SPDX-License-Identifier: Apache-2.0
// The loaded and attached BPF object with one back end. Everything is held by file descriptors and
// goes with the process, unless it is pinned: then counting goes on, and another process can adopt
// it. What watches the ends of system calls is never pinned.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bpf/capmon_events.h"
#include "daemon/base/unique_fd.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/model/program_runs.h"

struct bpf_link;
struct bpf_map;
struct capmon_bpf;

namespace capmon {

// How cgroups are told apart on this host.
struct CgroupHierarchy {
  int hierarchy_id = 0;       // 0: the v2 hierarchy
  std::string v1_controller;  // "pids" or "memory"; empty: v2
};

class KernelPrograms {
 public:
  struct Sizes {
    uint32_t checks = 16384;         // kinds of checks, all cgroups together
    uint32_t keys_per_owner = 1024;  // of them for one container
    uint32_t ring = 8 << 20;         // bytes; a power of two
  };

  // The back ends there are, best first: fexit has the option bits, the tracepoint is cheapest,
  // kprobes are always there.
  static const std::vector<std::string>& BackEnds();

  // Loads and attaches one back end; UNAVAILABLE and the like when this kernel will not have it.
  static absl::StatusOr<std::unique_ptr<KernelPrograms>> Load(const CgroupHierarchy& hierarchy,
                                                              const std::string& backend,
                                                              const Sizes& sizes);
  // Goes on with what was pinned, and loads only what never is.
  static absl::StatusOr<std::unique_ptr<KernelPrograms>> Adopt(const CgroupHierarchy& hierarchy,
                                                               const std::string& backend,
                                                               const Sizes& sizes,
                                                               const PinnedGeneration& pinned);
  // Programs and maps with equal fingerprints are interchangeable.
  static uint64_t Fingerprint(const CgroupHierarchy& hierarchy, const std::string& backend,
                              const Sizes& sizes);
  // Says goodbye to pinned programs: capmond's number may soon be another's.
  ~KernelPrograms();

  // Pins all that counts into an empty folder. After a failure the folder is to be removed.
  absl::Status Pin(const std::string& folder);

  const std::string& backend() const { return backend_; }
  capmon_settings& settings();       // shared with the running programs
  std::span<capmon_frame> frames();  // likewise
  int checks_fd() const;
  int owners_fd() const;
  int ring_fd() const;
  // The cgroup capmond itself is in.
  uint64_t own_cgroup() const;
  uint32_t own_exe() const;  // the number of capmond's executable, as checks carry it
  uint32_t ring_size() const;
  uint32_t max_checks() const { return sizes_.checks; }
  uint32_t used_checks() const;
  // Deletes a counter and takes it off its owner's number, in the kernel at once.
  void Free(const capmon_check_key& key, uint64_t owner);
  // Forgets an owner that is gone and has no counters any more.
  void FreeOwner(uint64_t owner);
  // Marks a cgroup as one that only groups others, so that it owns none of what is below it, or as
  // a container's own. Without a place: removes the mark.
  void Mark(uint64_t cgroup, std::optional<capmon_place> place);

  // The name of a kernel address as "function+0x12/0x34"; "" when it cannot be had.
  std::string Symbolize(uint64_t address);
  // Turns the sys_exit program on or off.
  absl::Status WatchOutcomes(bool on);
  bool watches_outcomes() const { return outcome_link_ != nullptr; }
  // Turns the program on or off that reads the kernel's answers to netlink requests.
  absl::Status WatchAnswers(bool on);
  // Each check whose result may matter gives its task work to do at the end of the system call.
  bool awaits_ends() const { return awaits_ends_; }
  // Turns the program on or off that counts what tasks read from TCP connections.
  absl::Status WatchUse(bool on);
  bool sees_credential_changes() const { return sees_credential_changes_; }
  // Checks a program was skipped for because another ran on that CPU; the kernel tells nothing
  // else.
  uint64_t MissedRuns() const;
  // How often the counting programs ran; empty unless the kernel counts that
  // (kernel.bpf_stats_enabled). Any thread.
  std::vector<ProgramRuns> Runs() const;

 private:
  struct SkeletonDelete {
    void operator()(capmon_bpf* skeleton) const;
  };
  struct LinkDelete {
    void operator()(bpf_link* link) const;
  };
  using Link = std::unique_ptr<bpf_link, LinkDelete>;

  KernelPrograms() = default;
  static absl::StatusOr<std::unique_ptr<KernelPrograms>> OpenBest(const CgroupHierarchy& hierarchy,
                                                                  const std::string& backend,
                                                                  const Sizes& sizes,
                                                                  const PinnedGeneration* pinned);
  absl::Status Open(const CgroupHierarchy& hierarchy, const std::string& backend,
                    const Sizes& sizes, const PinnedGeneration* pinned);
  absl::Status Configure(const CgroupHierarchy& hierarchy);
  absl::Status Reuse(const PinnedGeneration& pinned);
  absl::Status OpenPinned(const PinnedGeneration& pinned);
  absl::Status Attach(const char* program);
  absl::Status Identify();
  void WatchGatedCalls();
  // The maps that pinned programs share with later ones, by pin name.
  std::vector<std::pair<std::string, bpf_map*>> SharedMaps() const;

  std::unique_ptr<capmon_bpf, SkeletonDelete> skeleton_;
  std::vector<const char*> counting_;  // programs, by name, in the order of attaching
  std::vector<Link> links_;            // after the skeleton: detached before it goes
  std::vector<UniqueFd> adopted_;      // links and programs another process loaded
  std::vector<int> program_fds_;       // of the counting programs
  Link outcome_link_;
  Link answer_link_;
  Link use_link_;
  uint32_t watches_ = 0;  // the number of the last one
  bool pinned_ = false;
  bool task_storage_ = false;
  bool awaits_ends_ = false;
  std::string backend_;
  Sizes sizes_;
  bool sees_credential_changes_ = false;
};

}  // namespace capmon
