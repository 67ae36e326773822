// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/kernel_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <capmon_bpf.skel.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace capmon {
namespace {

// The programs of a back end, in the order in which they are attached.
std::vector<const char*> ProgramsOf(const std::string& backend) {
  if (backend == "fexit") return {"on_cap_capable_exit"};
  if (backend == "tp_btf") return {"on_cap_capable"};
  if (backend == "kprobe") return {"on_cap_capable_return", "on_cap_capable_entry"};
  return {};
}

constexpr std::array<const char*, 3> kLifecycle = {"on_cgroup_mkdir", "on_cgroup_rmdir", "on_exec"};

// Before 5.15 nothing tells; on x86-64 it was a 16 KiB stack with 21 registers at its top.
constexpr uint32_t kOldRegistersOffset = 16384 - 21 * 8;

// libbpf explains a refused load at great length; kept for the debug log only.
int Silent(enum libbpf_print_level, const char*, va_list) { return 0; }

// Kernels before 5.11 charge maps to this limit. Refusal does not matter on newer ones.
void RaiseMemoryLockLimit() {
  const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

// Whether this kernel's types have a function or tracepoint, e.g. "btf_trace_cap_capable".
bool KernelHas(const btf* types, const char* name, uint32_t kind) {
  return types != nullptr && btf__find_by_name_kind(types, name, kind) > 0;
}

std::unique_ptr<btf, decltype(&btf__free)> KernelTypes() {
  return {btf__load_vmlinux_btf(), &btf__free};
}

}  // namespace

void KernelPrograms::SkeletonDelete::operator()(capmon_bpf* skeleton) const {
  capmon_bpf__destroy(skeleton);
}
void KernelPrograms::LinkDelete::operator()(bpf_link* link) const { bpf_link__destroy(link); }

KernelPrograms::~KernelPrograms() = default;

const std::vector<std::string>& KernelPrograms::BackEnds() {
  static const std::vector<std::string> kBackEnds = {"fexit", "tp_btf", "kprobe"};
  return kBackEnds;
}

absl::StatusOr<std::unique_ptr<KernelPrograms>> KernelPrograms::Load(
    const CgroupHierarchy& hierarchy, const std::string& backend, const Sizes& sizes) {
  libbpf_set_print(&Silent);
  RaiseMemoryLockLimit();
  std::unique_ptr<KernelPrograms> programs(new KernelPrograms());
  if (absl::Status status = programs->Open(hierarchy, backend, sizes); !status.ok()) return status;
  return programs;
}

// The index of a v1 controller in the kernel's table; configurations number them differently.
absl::StatusOr<int> ControllerIndex(const btf* types, const std::string& controller) {
  const std::string wanted = controller + "_cgrp_id";
  const int type = btf__find_by_name_kind(types, "cgroup_subsys_id", BTF_KIND_ENUM);
  const btf_type* ids = type > 0 ? btf__type_by_id(types, static_cast<uint32_t>(type)) : nullptr;
  for (uint32_t i = 0; ids != nullptr && i < btf_vlen(ids); ++i) {
    const struct btf_enum& id = ::btf_enum(ids)[i];
    if (wanted == btf__name_by_offset(types, id.name_off)) return id.val;
  }
  return absl::UnavailableError(fmt::format("this kernel has no {} cgroup controller", controller));
}

absl::Status KernelPrograms::Open(const CgroupHierarchy& hierarchy, const std::string& backend,
                                  const Sizes& sizes) {
  backend_ = backend;
  sizes_ = sizes;
  skeleton_.reset(capmon_bpf__open());
  if (!skeleton_) return absl::ErrnoToStatus(errno, "open the BPF object");

  std::vector<const char*> wanted(kLifecycle.begin(), kLifecycle.end());
  for (const char* program : ProgramsOf(backend)) wanted.push_back(program);
  const auto types = KernelTypes();
  if (KernelHas(types.get(), "btf_trace_sched_prepare_exec", BTF_KIND_TYPEDEF))
    wanted.push_back("on_prepare_exec");
  const bool task_storage = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, nullptr) == 1;
  bpf_map__set_autocreate(skeleton_->maps.pending, task_storage);
  bpf_map__set_autocreate(skeleton_->maps.execs_before, task_storage);
  bpf_program__set_autoload(skeleton_->progs.on_sys_exit, task_storage);
  for (const char* name : wanted)
    bpf_program__set_autoload(bpf_object__find_program_by_name(skeleton_->obj, name), true);
  bpf_program__set_autoload(skeleton_->progs.identify, true);
  const bool snprintf_there =
      libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_snprintf, nullptr) == 1;
  bpf_program__set_autoload(skeleton_->progs.symbolize, snprintf_there);

  bpf_map__set_max_entries(skeleton_->maps.checks, sizes.checks);
  skeleton_->rodata->hierarchy_id = hierarchy.hierarchy_id;
  if (!hierarchy.v1_controller.empty()) {
    const absl::StatusOr<int> index = ControllerIndex(types.get(), hierarchy.v1_controller);
    if (!index.ok()) return index.status();
    skeleton_->rodata->v1_controller = *index;
  }
  skeleton_->bss->settings.keys_per_cgroup = sizes.keys_per_cgroup;

  if (const int rc = capmon_bpf__load(skeleton_.get()); rc != 0)
    return absl::ErrnoToStatus(-rc, "load");
  if (absl::Status status = Identify(); !status.ok()) return status;
  for (const char* name : wanted)
    if (absl::Status status = Attach(name); !status.ok()) return status;
  sees_credential_changes_ =
      task_storage && bpf_program__autoload(skeleton_->progs.on_prepare_exec);
  return absl::OkStatus();
}

absl::Status KernelPrograms::Attach(const char* program) {
  bpf_link* link = bpf_program__attach(bpf_object__find_program_by_name(skeleton_->obj, program));
  if (link == nullptr) return absl::ErrnoToStatus(errno, fmt::format("attach {}", program));
  links_.emplace_back(link);
  return absl::OkStatus();
}

absl::Status KernelPrograms::Identify() {
  uint64_t no_arguments[1] = {0};
  LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = no_arguments, .ctx_size_in = sizeof(no_arguments));
  const int rc = bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.identify), &run);
  if (rc != 0) return absl::ErrnoToStatus(-rc, "run the identifying program");
  const auto& identity = skeleton_->bss->identity;
  settings().own_tgid = identity.tgid;
  settings().host_mnt_ns = identity.host_mnt_ns;
  settings().registers_offset = identity.registers != 0
                                    ? static_cast<uint32_t>(identity.registers - identity.stack)
                                    : kOldRegistersOffset;
  return absl::OkStatus();
}

capmon_settings& KernelPrograms::settings() { return skeleton_->bss->settings; }
std::span<capmon_frame> KernelPrograms::frames() { return skeleton_->bss->frames; }
uint64_t KernelPrograms::own_cgroup() const { return skeleton_->bss->identity.cgroup_id; }
int KernelPrograms::checks_fd() const { return bpf_map__fd(skeleton_->maps.checks); }
int KernelPrograms::losses_fd() const { return bpf_map__fd(skeleton_->maps.losses); }
int KernelPrograms::ring_fd() const { return bpf_map__fd(skeleton_->maps.ring); }

std::string KernelPrograms::Symbolize(uint64_t address) {
  if (!bpf_program__autoload(skeleton_->progs.symbolize)) return "";
  uint64_t arguments[1] = {address};
  LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = arguments, .ctx_size_in = sizeof(arguments));
  if (bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.symbolize), &run) != 0) return "";
  const char* name = skeleton_->bss->symbol;
  // An address without a symbol comes back as a number.
  return std::strncmp(name, "0x", 2) == 0 ? "" : name;
}

absl::Status KernelPrograms::WatchOutcomes(bool on) {
  if (on == watches_outcomes()) return absl::OkStatus();
  if (!on) {
    settings().watch_outcomes = 0;
    outcome_link_.reset();
    return absl::OkStatus();
  }
  if (!bpf_program__autoload(skeleton_->progs.on_sys_exit))
    return absl::UnimplementedError("this kernel cannot keep per-task state for BPF programs");
  bpf_link* link = bpf_program__attach(skeleton_->progs.on_sys_exit);
  if (link == nullptr) return absl::ErrnoToStatus(errno, "attach on_sys_exit");
  outcome_link_.reset(link);
  settings().watch_outcomes = 1;
  return absl::OkStatus();
}

uint64_t KernelPrograms::MissedRuns() const {
  uint64_t missed = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton_->obj) {
    if (!bpf_program__autoload(program)) continue;
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
      missed += info.recursion_misses;
  }
  return missed;
}

}  // namespace capmon
