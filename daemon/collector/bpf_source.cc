// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/bpf_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "daemon/collector/syscall_names.h"

namespace capmon {
namespace {

constexpr size_t kCallersKept = 6;
constexpr size_t kMaxSurroundings = 8192;  // forgotten ones are only told again

constexpr std::array<const char*, CAPMON_LOSS_CAUSES> kLossNames = {
    "map-full", "key-quota", "ring-check", "ring-cgroup", "ring-exec", "in-flight", "outcome"};

TimeNs Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<TimeNs>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

template <size_t N>
std::string Text(const char (&field)[N]) {
  return std::string(field, strnlen(field, N));
}

std::string KernelRelease() {
  utsname name{};
  uname(&name);
  return name.release;
}

}  // namespace

size_t BpfSource::KeyHash::operator()(const capmon_check_key& key) const {
  return std::hash<std::string_view>{}(
      std::string_view(reinterpret_cast<const char*>(&key), sizeof(key)));
}

bool BpfSource::KeyEqual::operator()(const capmon_check_key& a, const capmon_check_key& b) const {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

void BpfSource::RingDelete::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

BpfSource::~BpfSource() = default;

absl::StatusOr<std::unique_ptr<BpfSource>> BpfSource::Open(Options options) {
  std::string refusals;
  bool all_forbidden = true;
  for (const std::string& backend : KernelPrograms::BackEnds()) {
    if (!options.backend.empty() && options.backend != backend) continue;
    std::unique_ptr<BpfSource> source(new BpfSource(options));
    const absl::Status status = source->Start(backend);
    if (status.ok()) return source;
    all_forbidden &= absl::IsPermissionDenied(status);
    refusals += fmt::format("{}{}: {}", refusals.empty() ? "" : "; ", backend,
                            std::string(status.message()));
  }
  if (refusals.empty())
    return absl::InvalidArgumentError(fmt::format(
        "there is no back end \"{}\": choose fexit, tp_btf or kprobe", options.backend));
  if (all_forbidden)
    return absl::PermissionDeniedError(
        fmt::format("loading BPF programs is not permitted: run as root or with CAP_BPF and "
                    "CAP_PERFMON ({})",
                    refusals));
  return absl::UnavailableError(
      fmt::format("no way to watch capability checks on this kernel ({})", refusals));
}

absl::Status BpfSource::Start(const std::string& backend) {
  auto programs = KernelPrograms::Load(options_.hierarchy, backend, options_.sizes);
  if (!programs.ok()) return programs.status();
  programs_ = *std::move(programs);
  ring_.reset(ring_buffer__new(programs_->ring_fd(), &OnRecord, this, nullptr));
  if (!ring_) return absl::ErrnoToStatus(errno, "open the ring buffer");
  checks_ = std::make_unique<CheckMap>(programs_->checks_fd(), programs_->max_checks());
  symbols_ = std::make_unique<KernelSymbols>(
      [programs = programs_.get()](uint64_t address) { return programs->Symbolize(address); });
  losses_delivered_.assign(CAPMON_LOSS_CAUSES, 0);

  // For the time of the test our own checks are told instead of left out.
  capmon_settings& settings = programs_->settings();
  const uint32_t own = std::exchange(settings.own_tgid, 0);
  settings.probed_tgid = own;
  auto result = RunSelfTest([this](const RecordVisitor& visit) {
    probe_ = &visit;
    ring_buffer__consume(ring_.get());
    probe_ = nullptr;
  });
  settings.own_tgid = own;
  settings.probed_tgid = 0;
  if (!result.ok()) return result.status();
  self_test_ = *std::move(result);
  return absl::OkStatus();
}

int BpfSource::fd() const { return ring_buffer__epoll_fd(ring_.get()); }

absl::Status BpfSource::WatchOutcomes(bool on) {
  if (on == programs_->watches_outcomes()) return absl::OkStatus();
  announced_ = false;  // profiles say whether outcomes are watched
  return programs_->WatchOutcomes(on);
}

TimeNs BpfSource::WallTime(uint64_t monotonic_ns) const {
  return Now(CLOCK_REALTIME) - Now(CLOCK_MONOTONIC) + static_cast<TimeNs>(monotonic_ns);
}

void BpfSource::Announce(const KernelEventSink& sink) {
  SourceStarted started;
  started.time = Now(CLOCK_REALTIME);
  started.backend = programs_->backend();
  started.kernel = KernelRelease();
  started.cgroup_layout = options_.cgroup_layout;
  started.outcomes = programs_->watches_outcomes();
  started.blind_spots = self_test_.blind_spots;
  if (programs_->backend() == "tp_btf")
    started.blind_spots.push_back(
        "the tracepoint does not carry the audit option: what a check means is told by who asked");
  if (!programs_->sees_credential_changes())
    started.blind_spots.push_back(
        "this kernel does not show credentials before an exec: gains through set-user-ID programs "
        "are inferred");
  sink(started);
}

absl::Status BpfSource::Drain(const KernelEventSink& sink) {
  if (!std::exchange(announced_, true)) Announce(sink);
  if (!std::exchange(scanned_, true)) ScanHost(options_.roots, Now(CLOCK_REALTIME), sink);
  sink_ = &sink;
  const int records = ring_buffer__consume(ring_.get());
  sink_ = nullptr;
  if (records < 0) return absl::ErrnoToStatus(-records, "read the ring buffer");
  DeliverCounts(sink);
  DeliverLosses(sink);
  FreeRemovedCgroups();
  sink(Clock{Now(CLOCK_REALTIME)});
  return absl::OkStatus();
}

int BpfSource::OnRecord(void* self, void* data, size_t size) {
  static_cast<BpfSource*>(self)->Dispatch(data, size);
  return 0;
}

void BpfSource::Dispatch(const void* data, size_t size) {
  const auto* header = static_cast<const capmon_record_header*>(data);
  if (size < sizeof(*header)) return;
  switch (header->kind) {
    case CAPMON_RECORD_CHECK:
      if (size >= sizeof(capmon_check_record))
        OnCheck(*static_cast<const capmon_check_record*>(data));
      break;
    case CAPMON_RECORD_CGROUP_MADE:
    case CAPMON_RECORD_CGROUP_REMOVED:
      if (size >= sizeof(capmon_cgroup_record))
        OnCgroup(*static_cast<const capmon_cgroup_record*>(data),
                 header->kind == CAPMON_RECORD_CGROUP_MADE);
      break;
    case CAPMON_RECORD_EXEC:
      if (size >= sizeof(capmon_exec_record)) OnExec(*static_cast<const capmon_exec_record*>(data));
      break;
    case CAPMON_RECORD_CAPSET:
      if (size >= sizeof(capmon_capset_record))
        OnCapset(*static_cast<const capmon_capset_record*>(data));
      break;
    default: break;
  }
}

void BpfSource::LearnStack(const capmon_check_record& record) {
  if (record.frame_bytes <= 0) return;
  const std::span frames(record.frames, static_cast<size_t>(record.frame_bytes) / sizeof(uint64_t));
  const Symbolizer name = [this](uint64_t address) { return symbols_->Name(address); };
  if (!layout_.Learn(frames, record.stack, name)) return;
  // Hidden while it changes: a check in between goes the slow way once.
  capmon_settings& settings = programs_->settings();
  settings.layout.known = 0;
  const std::vector<capmon_frame> table = layout_.table();
  std::copy(table.begin(), table.end(), programs_->frames().begin());
  settings.layout = layout_.layout();
}

BpfSource::KeyState& BpfSource::StateOf(const capmon_check_key& key) {
  auto [entry, fresh] = keys_.try_emplace(key);
  KeyState& state = entry->second;
  if (!fresh) return state;
  CheckKey& resolved = state.resolved;
  resolved.cgroup = key.cgroup_id;
  resolved.capability = key.capability;
  resolved.granted = key.granted != 0;
  resolved.traits = key.traits;
  resolved.exe_origin = static_cast<ExeOrigin>(key.exe_origin);
  resolved.target_level = key.target_level;
  resolved.exe = key.exe;
  if (key.syscall != CAPMON_NO_SYSCALL)
    resolved.syscall = SyscallName(key.syscall, key.traits & CAPMON_COMPAT);
  if (key.site != 0) {
    const std::string function = FunctionOf(symbols_->Name(key.site));
    if (!function.empty() && !IsWrapper(function)) {
      resolved.site = function;
      state.site_certain = true;
    }
  }
  return state;
}

void BpfSource::OnCheck(const capmon_check_record& record) {
  LearnStack(record);
  if (probe_ != nullptr) (*probe_)(record);
  if (sink_ == nullptr) return;
  KeyState& state = StateOf(record.key);
  CheckSampled sample;
  if (record.frame_bytes > 0) {
    const std::span frames(record.frames,
                           static_cast<size_t>(record.frame_bytes) / sizeof(uint64_t));
    const NamedStack stack =
        NameStack(frames, [this](uint64_t address) { return symbols_->Name(address); });
    sample.callers = stack.callers(kCallersKept);
    if (!state.site_certain) state.resolved.site = stack.site();
  }
  sample.time = WallTime(record.header.time_ns);
  sample.key = state.resolved;
  sample.pid = record.header.pid;
  sample.tid = record.header.tid;
  sample.uid = record.uid;
  sample.comm = Text(record.comm);
  sample.binary = Text(record.binary);
  (*sink_)(sample);
}

void BpfSource::OnCgroup(const capmon_cgroup_record& record, bool made) {
  if (sink_ == nullptr) return;
  const TimeNs time = WallTime(record.header.time_ns);
  if (made) {
    (*sink_)(CgroupMade{time, record.header.cgroup_id, Text(record.path), false});
  } else {
    removed_.push_back(record.header.cgroup_id);
    (*sink_)(CgroupRemoved{time, record.header.cgroup_id});
  }
}

void BpfSource::OnExec(const capmon_exec_record& record) {
  if (sink_ == nullptr) return;
  ProcessExec exec;
  exec.time = WallTime(record.header.time_ns);
  exec.cgroup = record.header.cgroup_id;
  exec.pid = record.header.pid;
  exec.uid = record.uid;
  exec.euid = record.euid;
  exec.comm = Text(record.comm);
  exec.path = Text(record.path);
  exec.exe = record.exe;
  exec.exe_origin = static_cast<ExeOrigin>(record.exe_origin);
  exec.permitted = CapabilitySet(record.permitted);
  exec.effective = CapabilitySet(record.effective);
  exec.inheritable = CapabilitySet(record.inheritable);
  exec.bounding = CapabilitySet(record.bounding);
  exec.ambient = CapabilitySet(record.ambient);
  exec.before_known = record.before_known != 0;
  exec.permitted_before = CapabilitySet(record.permitted_before);
  exec.uid_before = record.uid_before;
  exec.euid_before = record.euid_before;
  exec.no_new_privs = record.no_new_privs != 0;
  exec.secure_exec = record.secure_exec != 0;
  exec.set_id_file = record.setid_file != 0;
  exec.seccomp_mode = record.seccomp_mode;
  exec.userns_level = record.userns_level;
  (*sink_)(exec);
  if (record.net_known != 0) TellSurroundings(record, exec.time);
}

void BpfSource::TellSurroundings(const capmon_exec_record& record, TimeNs time) {
  SurroundingsSeen seen{time, record.header.cgroup_id, {}};
  seen.facts["net.ipv4.ip_unprivileged_port_start"] =
      std::to_string(record.unprivileged_port_start);
  seen.facts["net.ipv4.ping_group_range"] =
      fmt::format("{} {}", record.ping_group_low, record.ping_group_high);
  if (surroundings_.size() >= kMaxSurroundings) surroundings_.clear();
  SurroundingsSeen& told = surroundings_[seen.cgroup];
  if (told.facts == seen.facts) return;
  told = seen;
  (*sink_)(seen);
}

void BpfSource::OnCapset(const capmon_capset_record& record) {
  if (sink_ == nullptr) return;
  (*sink_)(CapabilitiesSet{WallTime(record.header.time_ns), record.header.cgroup_id,
                           record.header.pid, static_cast<ExeOrigin>(record.exe_origin),
                           CapabilitySet(record.permitted), CapabilitySet(record.effective),
                           CapabilitySet(record.inheritable)});
}

void BpfSource::DeliverCounts(const KernelEventSink& sink) {
  const TimeNs now = Now(CLOCK_REALTIME);
  // An unreadable map is a loss like any other, and shown as one.
  const absl::Status status =
      checks_->ForEach([&](const capmon_check_key& key, const capmon_check_counts& total) {
        KeyState& state = StateOf(key);
        const CheckCounts now_total{total.count, total.succeeded, total.failed, total.errnos};
        if (now_total == state.delivered) return;
        const CheckCounts fresh{now_total.count - state.delivered.count,
                                now_total.succeeded - state.delivered.succeeded,
                                now_total.failed - state.delivered.failed, now_total.errnos};
        state.delivered = now_total;
        sink(ChecksCounted{now, state.resolved, fresh});
      });
  if (!status.ok()) sink(EvidenceLost{now, "map-unreadable", 0, 1});
}

void BpfSource::DeliverLosses(const KernelEventSink& sink) {
  const TimeNs now = Now(CLOCK_REALTIME);
  const auto cpus = static_cast<size_t>(libbpf_num_possible_cpus());
  std::vector<uint64_t> parts(cpus);
  for (uint32_t cause = 0; cause < CAPMON_LOSS_CAUSES; ++cause) {
    if (bpf_map_lookup_elem(programs_->losses_fd(), &cause, parts.data()) != 0) continue;
    uint64_t total = 0;
    for (uint64_t part : parts) total += part;
    if (total == losses_delivered_[cause]) continue;
    sink(EvidenceLost{now, kLossNames[cause], 0,
                      total - std::exchange(losses_delivered_[cause], total)});
  }
  const uint64_t missed = programs_->MissedRuns();
  if (missed != missed_delivered_)
    sink(EvidenceLost{now, "recursion", 0, missed - std::exchange(missed_delivered_, missed)});
}

void BpfSource::FreeRemovedCgroups() {
  if (removed_.empty()) return;
  std::erase_if(keys_, [this](const auto& entry) {
    const bool gone =
        std::find(removed_.begin(), removed_.end(), entry.first.cgroup_id) != removed_.end();
    if (gone) checks_->Delete(entry.first);
    return gone;
  });
  for (CgroupId cgroup : removed_) surroundings_.erase(cgroup);
  removed_.clear();
}

}  // namespace capmon
