// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/kernel_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <capmon_bpf.skel.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <string_view>

#include "daemon/collector/kernel_object.h"
#include "daemon/collector/kernel_types.h"
#include "daemon/collector/libbpf_log.h"
#include "daemon/collector/syscall_names.h"
#include "daemon/model/gated_calls.h"

namespace capmon {
namespace {

// The programs of a back end, in the order in which they are attached.
std::vector<const char*> ProgramsOf(const std::string& backend, bool awaits_ends) {
  if (backend == "fexit")
    return {awaits_ends ? "on_cap_capable_exit_with_end" : "on_cap_capable_exit"};
  if (backend == "tp_btf") return {awaits_ends ? "on_cap_capable_with_end" : "on_cap_capable"};
  if (backend == "kprobe") return {"on_cap_capable_return", "on_cap_capable_entry"};
  return {};
}

constexpr std::array<const char*, 5> kLifecycle = {"on_cgroup_mkdir", "on_cgroup_rmdir",
                                                   "on_new_task", "on_exec", "on_attach_task"};

// Kernels before 5.11 charge maps to this limit. Refusal does not matter on newer ones.
void RaiseMemoryLockLimit() {
  const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

// What there is another way for, if this kernel will not have it.
bool IsOptional(std::string_view program) { return program.starts_with("on_file_capabilities"); }

uint8_t WatchMark(size_t number, CallCondition condition) {
  const auto mark = static_cast<uint8_t>(number + 1);
  if (condition == CallCondition::kAlways) return mark;
  return mark | (condition == CallCondition::kNamespaces ? CAPMON_WATCH_NAMESPACES
                                                         : CAPMON_WATCH_CLONE_ARGS);
}

}  // namespace

void KernelPrograms::SkeletonDelete::operator()(capmon_bpf* skeleton) const {
  capmon_bpf__destroy(skeleton);
}
void KernelPrograms::LinkDelete::operator()(bpf_link* link) const { bpf_link__destroy(link); }

KernelPrograms::~KernelPrograms() {
  if (!pinned_) return;
  settings().own_tgid = 0;
  settings().watch_outcomes = 0;
  // libbpf would stop a kprobe before it lets go of it.
  for (const Link& link : links_) bpf_link__disconnect(link.get());
}

const std::vector<std::string>& KernelPrograms::BackEnds() {
  static const std::vector<std::string> kBackEnds = {"fexit", "tp_btf", "kprobe"};
  return kBackEnds;
}

absl::StatusOr<std::unique_ptr<KernelPrograms>> KernelPrograms::Load(
    const CgroupHierarchy& hierarchy, const std::string& backend, const Sizes& sizes) {
  return OpenBest(hierarchy, backend, sizes, nullptr);
}

absl::StatusOr<std::unique_ptr<KernelPrograms>> KernelPrograms::Adopt(
    const CgroupHierarchy& hierarchy, const std::string& backend, const Sizes& sizes,
    const PinnedGeneration& pinned) {
  return OpenBest(hierarchy, backend, sizes, &pinned);
}

// A kernel that has the function may still refuse to let these programs call it.
absl::StatusOr<std::unique_ptr<KernelPrograms>> KernelPrograms::OpenBest(
    const CgroupHierarchy& hierarchy, const std::string& backend, const Sizes& sizes,
    const PinnedGeneration* pinned) {
  absl::Status status;
  for (const bool awaits_ends : {true, false}) {
    // Programs on probes may not call what awaits ends.
    if (awaits_ends && (backend == "kprobe" || !KernelObject::Chosen().awaits_ends)) continue;
    std::unique_ptr<KernelPrograms> programs(new KernelPrograms());
    programs->awaits_ends_ = awaits_ends;
    status = programs->Open(hierarchy, backend, sizes, pinned);
    if (status.ok()) return programs;
  }
  return status;
}

uint64_t KernelPrograms::Fingerprint(const CgroupHierarchy& hierarchy, const std::string& backend,
                                     const Sizes& sizes) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: the same in every build
  const auto add = [&hash](std::string_view bytes) {
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  };
  const KernelObject& object = KernelObject::Chosen();
  add({static_cast<const char*>(object.data), object.size});
  add(fmt::format("{} {} {} {} {}", backend, hierarchy.hierarchy_id, hierarchy.v1_controller,
                  sizes.checks, sizes.keys_per_owner) +
      fmt::format(" {}", sizes.ring));
  return hash;
}

absl::Status KernelPrograms::Open(const CgroupHierarchy& hierarchy, const std::string& backend,
                                  const Sizes& sizes, const PinnedGeneration* pinned) {
  StartLibbpfLog();
  RaiseMemoryLockLimit();
  backend_ = backend;
  sizes_ = sizes;
  skeleton_.reset(KernelObject::Chosen().Open());
  if (!skeleton_) return absl::ErrnoToStatus(errno, "open the BPF object");
  if (absl::Status status = Configure(hierarchy); !status.ok()) return status;
  if (pinned != nullptr)
    if (absl::Status status = Reuse(*pinned); !status.ok()) return status;

  if (const int rc = capmon_bpf__load(skeleton_.get()); rc != 0) return LoadError(-rc, LibbpfLog());
  pinned_ = pinned != nullptr;
  const uint64_t shared = 0;
  const capmon_owner none{};
  if (pinned == nullptr &&
      bpf_map_update_elem(bpf_map__fd(skeleton_->maps.owners), &shared, &none, BPF_NOEXIST) != 0)
    return absl::ErrnoToStatus(errno, "set up the owners of counters");
  if (absl::Status status = Identify(); !status.ok()) return status;
  if (pinned != nullptr) return OpenPinned(*pinned);
  absl::Status attached;
  std::erase_if(counting_, [&](const char* name) {
    const absl::Status status = attached.ok() ? Attach(name) : attached;
    if (status.ok() || IsOptional(name)) return !status.ok();
    attached = status;
    return false;
  });
  return attached;
}

// Decides what to load and how large.
absl::Status KernelPrograms::Configure(const CgroupHierarchy& hierarchy) {
  counting_.assign(kLifecycle.begin(), kLifecycle.end());
  for (const char* program : ProgramsOf(backend_, awaits_ends_)) counting_.push_back(program);
  const auto types = KernelTypes();
  const bool sees_exec = KernelHas(types.get(), "btf_trace_sched_prepare_exec", BTF_KIND_TYPEDEF);
  if (sees_exec) counting_.push_back("on_prepare_exec");
  task_storage_ = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, nullptr) == 1;
  sees_credential_changes_ = task_storage_ && sees_exec;
  bpf_map__set_autocreate(skeleton_->maps.pending, task_storage_ && !awaits_ends_);
  bpf_map__set_autocreate(skeleton_->maps.execs_before, task_storage_);
  bpf_map__set_autocreate(skeleton_->maps.looked, task_storage_);
  // Where fexit programs can be had, the kernel itself tells what it read of a file.
  const int parameters = ParametersOf(types.get(), "get_vfs_caps_from_disk");
  if (backend_ == "fexit" && (parameters == 2 || parameters == 3))
    counting_.push_back(parameters == 3 ? "on_file_capabilities" : "on_file_capabilities_old");
  bpf_map__set_autocreate(skeleton_->maps.awaited_ends, awaits_ends_);
  skeleton_->rodata->ends_awaited = awaits_ends_;
  bpf_map__set_autocreate(skeleton_->maps.lineages, task_storage_);
  bpf_map__set_autocreate(skeleton_->maps.lineages_by_thread, !task_storage_);
  bpf_map__set_autocreate(skeleton_->maps.in_flight, backend_ == "kprobe");
  bpf_map__set_autocreate(skeleton_->maps.entry_stacks, backend_ == "kprobe");
  bpf_program__set_autoload(skeleton_->progs.on_sys_exit, task_storage_);
  bpf_program__set_autoload(
      skeleton_->progs.on_data_ready,
      task_storage_ && KernelHas(types.get(), "btf_trace_sk_data_ready", BTF_KIND_TYPEDEF));
  bpf_program__set_autoload(
      skeleton_->progs.on_tcp_read,
      KernelHas(types.get(), "btf_trace_tcp_rcv_space_adjust", BTF_KIND_TYPEDEF));
  for (const char* name : counting_)
    bpf_program__set_autoload(bpf_object__find_program_by_name(skeleton_->obj, name), true);
  bpf_program__set_autoload(skeleton_->progs.identify, true);
  bpf_program__set_autoload(skeleton_->progs.free_key, true);
  const bool snprintf_there =
      libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_snprintf, nullptr) == 1;
  bpf_program__set_autoload(skeleton_->progs.symbolize, snprintf_there);

  bpf_map__set_autocreate(skeleton_->maps.sets_told, task_storage_);
  bpf_map__set_max_entries(skeleton_->maps.checks, sizes_.checks);
  bpf_map__set_max_entries(skeleton_->maps.ring, sizes_.ring);
  skeleton_->rodata->max_checks = sizes_.checks;
  skeleton_->rodata->ring_size = sizes_.ring;
  skeleton_->rodata->hierarchy_id = hierarchy.hierarchy_id;
  skeleton_->bss->settings.keys_per_owner = sizes_.keys_per_owner;
  if (hierarchy.v1_controller.empty()) return absl::OkStatus();
  const absl::StatusOr<int> index = ControllerIndex(types.get(), hierarchy.v1_controller);
  if (!index.ok()) return index.status();
  skeleton_->rodata->v1_controller = *index;
  return absl::OkStatus();
}

std::vector<std::pair<std::string, bpf_map*>> KernelPrograms::SharedMaps() const {
  const auto& maps = skeleton_->maps;
  std::vector<std::pair<std::string, bpf_map*>> shared = {{MapPin("checks"), maps.checks},
                                                          {MapPin("owners"), maps.owners},
                                                          {MapPin("groups"), maps.groups},
                                                          {MapPin("ring"), maps.ring},
                                                          {MapPin("bss"), maps.bss}};
  shared.emplace_back(MapPin("lineages"), task_storage_ ? maps.lineages : maps.lineages_by_thread);
  if (awaits_ends_)
    shared.emplace_back(MapPin("awaited_ends"), maps.awaited_ends);
  else if (task_storage_)
    shared.emplace_back(MapPin("pending"), maps.pending);
  return shared;
}

absl::Status KernelPrograms::Reuse(const PinnedGeneration& pinned) {
  for (const char* name : counting_)
    bpf_program__set_autoload(bpf_object__find_program_by_name(skeleton_->obj, name), false);
  bpf_map__set_autocreate(skeleton_->maps.execs_before, false);
  bpf_map__set_autocreate(skeleton_->maps.file_reads, false);
  bpf_map__set_autocreate(skeleton_->maps.files_executed, false);
  bpf_map__set_autocreate(skeleton_->maps.in_flight, false);
  bpf_map__set_autocreate(skeleton_->maps.entry_stacks, false);
  for (const auto& [pin, map] : SharedMaps()) {
    const UniqueFd fd = pinned.Open(pin);
    if (!fd || bpf_map__reuse_fd(map, fd.get()) != 0)
      return absl::ErrnoToStatus(errno, fmt::format("adopt {}/{}", pinned.folder, pin));
  }
  return absl::OkStatus();
}

absl::Status KernelPrograms::OpenPinned(const PinnedGeneration& pinned) {
  settings().watch_outcomes = 0;  // the capmond that watched has ended
  settings().probed_tgid = 0;
  for (const char* name : counting_) {
    UniqueFd link = pinned.Open(LinkPin(name));
    UniqueFd program = pinned.Open(ProgramPin(name));
    if (!link || !program)
      return absl::ErrnoToStatus(errno, fmt::format("adopt {} in {}", name, pinned.folder));
    program_fds_.push_back(program.get());
    adopted_.push_back(std::move(link));
    adopted_.push_back(std::move(program));
  }
  return absl::OkStatus();
}

absl::Status KernelPrograms::Pin(const std::string& folder) {
  const auto pin = [&folder](int fd, const std::string& name) {
    const std::string path = folder + "/" + name;
    if (bpf_obj_pin(fd, path.c_str()) == 0) return absl::OkStatus();
    return absl::ErrnoToStatus(errno, fmt::format("pin {}", path));
  };
  absl::Status status;
  for (const auto& [name, map] : SharedMaps()) status.Update(pin(bpf_map__fd(map), name));
  for (size_t i = 0; i < counting_.size(); ++i) {
    status.Update(pin(program_fds_[i], ProgramPin(counting_[i])));
    status.Update(pin(bpf_link__fd(links_[i].get()), LinkPin(counting_[i])));
  }
  pinned_ = status.ok();
  return status;
}

absl::Status KernelPrograms::Attach(const char* program) {
  const bpf_program* const loaded = bpf_object__find_program_by_name(skeleton_->obj, program);
  bpf_link* link = bpf_program__attach(loaded);
  if (link == nullptr) return absl::ErrnoToStatus(errno, fmt::format("attach {}", program));
  links_.emplace_back(link);
  program_fds_.push_back(bpf_program__fd(loaded));
  return absl::OkStatus();
}

absl::Status KernelPrograms::Identify() {
  // Of adopted programs it stays: the numbers of executables go on.
  if (settings().exe_salt == 0) {
    std::random_device random;
    settings().exe_salt = uint64_t{random()} << 32 | random() | 1;
  }
  uint64_t no_arguments[1] = {0};
  LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = no_arguments, .ctx_size_in = sizeof(no_arguments));
  const int rc = bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.identify), &run);
  if (rc != 0) return absl::ErrnoToStatus(-rc, "run the identifying program");
  const auto& identity = skeleton_->bss->identity;
  watches_ = static_cast<uint32_t>(identity.start >> 20);  // not where a predecessor counted
  settings().own_start = identity.start;
  WatchGatedCalls();
  settings().own_tgid = identity.tgid;
  settings().host_mnt_ns = identity.host_mnt_ns;
  settings().registers_offset = identity.registers != 0
                                    ? static_cast<uint32_t>(identity.registers - identity.stack)
                                    : OldRegistersOffset(KernelTypes().get());
  return absl::OkStatus();
}

void KernelPrograms::WatchGatedCalls() {
  for (size_t number = 0; number < GatedCalls().size(); ++number) {
    const GatedCall& call = GatedCalls()[number];
    for (const bool compat : {false, true}) {
      const int syscall = SyscallNumber(std::string(call.syscall), compat);
      if (syscall >= 0 && syscall < CAPMON_WATCHED_CALLS)
        skeleton_->bss->watched_calls[compat][syscall] = WatchMark(number, call.condition);
    }
  }
}

capmon_settings& KernelPrograms::settings() { return skeleton_->bss->settings; }
std::span<capmon_frame> KernelPrograms::frames() { return skeleton_->bss->frames; }
uint64_t KernelPrograms::own_cgroup() const { return skeleton_->bss->identity.cgroup_id; }
uint32_t KernelPrograms::own_exe() const { return skeleton_->bss->identity.exe; }
int KernelPrograms::checks_fd() const { return bpf_map__fd(skeleton_->maps.checks); }
int KernelPrograms::owners_fd() const { return bpf_map__fd(skeleton_->maps.owners); }
uint32_t KernelPrograms::used_checks() const { return skeleton_->bss->keys_used; }
int KernelPrograms::ring_fd() const { return bpf_map__fd(skeleton_->maps.ring); }
uint32_t KernelPrograms::ring_size() const { return bpf_map__max_entries(skeleton_->maps.ring); }

void KernelPrograms::Free(const capmon_check_key& key, uint64_t owner) {
  uint64_t arguments[5] = {};
  static_assert(sizeof(key) == 4 * sizeof(uint64_t));
  std::memcpy(arguments, &key, sizeof(key));
  arguments[4] = owner;
  LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = arguments, .ctx_size_in = sizeof(arguments));
  bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.free_key), &run);
}

void KernelPrograms::FreeOwner(uint64_t owner) {
  capmon_owner used{};
  const int fd = owners_fd();
  if (owner != 0 && bpf_map_lookup_elem(fd, &owner, &used) == 0 && used.keys == 0)
    bpf_map_delete_elem(fd, &owner);
}

void KernelPrograms::Mark(uint64_t cgroup, std::optional<capmon_place> place) {
  const int fd = bpf_map__fd(skeleton_->maps.groups);
  if (!place) {
    bpf_map_delete_elem(fd, &cgroup);
    return;
  }
  const uint32_t mark = *place;
  bpf_map_update_elem(fd, &cgroup, &mark, BPF_ANY);
}

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
  settings().watch_outcomes = ++watches_ != 0 ? watches_ : ++watches_;
  return absl::OkStatus();
}

// Without it, an empty netlink request looks like one that changes something.
absl::Status KernelPrograms::WatchAnswers(bool on) {
  if (on == (answer_link_ != nullptr)) return absl::OkStatus();
  answer_link_.reset();
  if (!on || !bpf_program__autoload(skeleton_->progs.on_data_ready)) return absl::OkStatus();
  answer_link_.reset(bpf_program__attach(skeleton_->progs.on_data_ready));
  if (answer_link_ == nullptr) return absl::ErrnoToStatus(errno, "attach on_data_ready");
  return absl::OkStatus();
}

absl::Status KernelPrograms::WatchUse(bool on) {
  if (on == (use_link_ != nullptr)) return absl::OkStatus();
  use_link_.reset();
  if (!on) return absl::OkStatus();
  if (!bpf_program__autoload(skeleton_->progs.on_tcp_read))
    return absl::UnimplementedError(
        "this kernel does not report what is read from TCP connections");
  use_link_.reset(bpf_program__attach(skeleton_->progs.on_tcp_read));
  if (use_link_ == nullptr) return absl::ErrnoToStatus(errno, "attach on_tcp_read");
  return absl::OkStatus();
}

uint64_t KernelPrograms::MissedRuns() const {
  uint64_t missed = 0;
  for (const int program : program_fds_) {
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(program, &info, &size) == 0) missed += info.recursion_misses;
  }
  return missed;
}

std::vector<ProgramRuns> KernelPrograms::Runs() const {
  std::vector<ProgramRuns> all;
  bool counted = false;
  for (size_t i = 0; i < program_fds_.size() && i < counting_.size(); ++i) {
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(program_fds_[i], &info, &size) != 0) continue;
    all.push_back({counting_[i], info.run_cnt, info.run_time_ns});
    counted |= info.run_cnt != 0;
  }
  return counted ? all : std::vector<ProgramRuns>();
}

}  // namespace capmon
