// SPDX-License-Identifier: Apache-2.0
// The loaded and attached BPF object with one back end. Everything is held by file descriptors, so
// nothing outlives the process.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bpf/capmon_events.h"

struct bpf_link;
struct capmon_bpf;

namespace capmon {

// How cgroups are told apart on this host.
struct CgroupHierarchy {
  int hierarchy_id = 0;       // 0: the v2 hierarchy
  std::string v1_controller;  // "memory" or "pids" when there is no v2 hierarchy
};

class KernelPrograms {
 public:
  struct Sizes {
    uint32_t checks = 16384;  // kinds of checks, all cgroups together
    uint32_t keys_per_cgroup = 1024;
  };

  // The back ends there are, best first: fexit has the option bits, the tracepoint is cheapest,
  // kprobes are always there.
  static const std::vector<std::string>& BackEnds();

  // Loads and attaches one back end; UNAVAILABLE and the like when this kernel will not have it.
  static absl::StatusOr<std::unique_ptr<KernelPrograms>> Load(const CgroupHierarchy& hierarchy,
                                                              const std::string& backend,
                                                              const Sizes& sizes);
  ~KernelPrograms();

  const std::string& backend() const { return backend_; }
  capmon_settings& settings();       // shared with the running programs
  std::span<capmon_frame> frames();  // likewise
  int checks_fd() const;
  int losses_fd() const;
  int ring_fd() const;
  // The cgroup capmond itself is in.
  uint64_t own_cgroup() const;
  uint32_t max_checks() const { return sizes_.checks; }

  // The name of a kernel address as "function+0x12/0x34"; "" when it cannot be had.
  std::string Symbolize(uint64_t address);
  // Turns the sys_exit program on or off.
  absl::Status WatchOutcomes(bool on);
  bool watches_outcomes() const { return outcome_link_ != nullptr; }
  bool sees_credential_changes() const { return sees_credential_changes_; }
  // Checks a program was skipped for because another ran on that CPU; the kernel tells nothing
  // else.
  uint64_t MissedRuns() const;

 private:
  struct SkeletonDelete {
    void operator()(capmon_bpf* skeleton) const;
  };
  struct LinkDelete {
    void operator()(bpf_link* link) const;
  };
  using Link = std::unique_ptr<bpf_link, LinkDelete>;

  KernelPrograms() = default;
  absl::Status Open(const CgroupHierarchy& hierarchy, const std::string& backend,
                    const Sizes& sizes);
  absl::Status Attach(const char* program);
  absl::Status Identify();

  std::unique_ptr<capmon_bpf, SkeletonDelete> skeleton_;
  std::vector<Link> links_;  // after the skeleton: detached before it goes
  Link outcome_link_;
  std::string backend_;
  Sizes sizes_;
  bool sees_credential_changes_ = false;
};

}  // namespace capmon
