// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/attached.h"

#include <bpf/libbpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <variant>

namespace capmon {

Attached Attached::One(bpf_program* (*program)(capmon_empty_bpf&)) {
  Attached attached;
  attached.empty_.reset(capmon_empty_bpf__open());
  bpf_program* const chosen = program(*attached.empty_);
  bpf_program__set_autoload(chosen, true);
  if (capmon_empty_bpf__load(attached.empty_.get()) == 0)
    attached.link_ = bpf_program__attach(chosen);
  return attached;
}

Attached Attached::Empty(const std::string& backend) {
  if (backend == "fexit") return One([](capmon_empty_bpf& bpf) { return bpf.progs.empty_fexit; });
  if (backend == "kprobe") return One([](capmon_empty_bpf& bpf) { return bpf.progs.empty_kprobe; });
  return One([](capmon_empty_bpf& bpf) { return bpf.progs.empty_tp_btf; });
}

Attached Attached::EmptySysExit(bool raw) {
  if (raw) return One([](capmon_empty_bpf& bpf) { return bpf.progs.empty_raw_sys_exit; });
  return One([](capmon_empty_bpf& bpf) { return bpf.progs.empty_sys_exit; });
}

Attached Attached::Capmon(const std::string& backend, bool outcomes) {
  Attached attached;
  BpfSource::Options options;
  options.roots.cgroup_mount = "/nonexistent";
  options.backend = backend;
  auto source = BpfSource::Open(options);
  if (!source.ok()) return attached;
  attached.source_ = *std::move(source);
  attached.source_->MeasureOwnChecks();
  if (outcomes) (void)attached.source_->WatchOutcomes(true);
  return attached;
}

Attached Attached::Peer(PeerDesign design, const std::string& backend) {
  Attached attached;
  attached.peer_ = capmon::Peer::Attach(design, backend);
  return attached;
}

uint64_t Attached::Received() {
  if (peer_ != nullptr) return peer_->Received();
  uint64_t sum = 0;
  if (source_ != nullptr)
    (void)source_->Drain([&](const KernelEvent& event) {
      const auto* const counted = std::get_if<ChecksCounted>(&event);
      if (counted != nullptr && counted->key.syscall == "sethostname") sum += counted->counts.count;
    });
  return sum;
}

std::vector<std::string> BackendsHere() {
  std::vector<std::string> here;
  for (const std::string& backend : KernelPrograms::BackEnds())
    if (Attached::Capmon(backend, false).works()) here.push_back(backend);
  return here;
}

void MakeCheck() { syscall(SYS_sethostname, nullptr, -1L); }
void MakeNoCheck() { syscall(SYS_getppid); }

}  // namespace capmon
