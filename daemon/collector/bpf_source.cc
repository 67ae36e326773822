// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/bpf_source.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "daemon/base/wall_clock.h"
#include "daemon/collector/syscall_names.h"

namespace capmon {
namespace {

constexpr size_t kCallersKept = 6;
constexpr size_t kMaxSurroundings = 8192;  // forgotten ones are only told again

TimeNs Monotonic() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
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

BpfSource::~BpfSource() = default;

absl::StatusOr<std::unique_ptr<BpfSource>> BpfSource::Open(Options options) {
  if (std::unique_ptr<BpfSource> adopted = Adopt(options)) return adopted;
  std::string refusals;
  bool all_forbidden = true;
  for (const std::string& backend : KernelPrograms::BackEnds()) {
    if (!options.backend.empty() && options.backend != backend) continue;
    std::unique_ptr<BpfSource> source(new BpfSource(options));
    const absl::Status status = source->Start(backend, nullptr);
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

absl::Status BpfSource::Start(const std::string& backend, const PinnedGeneration* pinned) {
  const auto& [hierarchy, layout, roots, only, sizes, pins] = options_;
  auto programs = pinned != nullptr ? KernelPrograms::Adopt(hierarchy, backend, sizes, *pinned)
                                    : KernelPrograms::Load(hierarchy, backend, sizes);
  if (!programs.ok()) return programs.status();
  programs_ = *std::move(programs);
  auto ring = RingReader::Open(programs_->ring_fd(), programs_->ring_size());
  if (!ring.ok()) return ring.status();
  ring_ = *std::move(ring);
  position_ = ring_->released();
  checks_ = std::make_unique<CheckMap>(programs_->checks_fd(), programs_->max_checks());
  symbols_ = std::make_unique<KernelSymbols>(
      [p = programs_.get()](uint64_t address) { return p->Symbolize(address); });
  if (pinned != nullptr) {
    generation_ = pinned->about.id;
    made_ = pinned->about.made;
    adopted_ = unbroken_ = true;
    layout_.Restore(programs_->settings().layout, programs_->frames());
  } else {
    made_ = WallClock();
  }
  if (pins != nullptr) TakeInheritances();
  if (absl::Status status = SelfTest(); !status.ok()) return status;
  if (pins != nullptr) Pin();
  return absl::OkStatus();
}

absl::Status BpfSource::SelfTest() {
  // For the time of the test our own checks are told instead of left out. What else is in the ring
  // stays there.
  capmon_settings& settings = programs_->settings();
  own_pid_ = std::exchange(settings.own_tgid, 0);
  settings.probed_tgid = own_pid_;
  uint64_t seen = ring_->end();
  auto result = RunSelfTest([&](const RecordVisitor& visit) {
    probe_ = &visit;
    seen = ring_->Read(seen, [this](const void* data, size_t size) { Dispatch(data, size); });
    probe_ = nullptr;
  });
  settings.own_tgid = own_pid_;
  settings.probed_tgid = 0;
  probed_until_ = static_cast<uint64_t>(Monotonic());
  if (!result.ok()) return result.status();
  self_test_ = *std::move(result);
  return absl::OkStatus();
}

int BpfSource::fd() const { return programs_->ring_fd(); }

absl::Status BpfSource::WatchOutcomes(bool on) {
  if (on == programs_->watches_outcomes()) return absl::OkStatus();
  announced_ = false;  // profiles say whether outcomes are watched
  return programs_->WatchOutcomes(on);
}

TimeNs BpfSource::WallTime(uint64_t monotonic_ns) const {
  return WallClock() - Monotonic() + static_cast<TimeNs>(monotonic_ns);
}

void BpfSource::Announce(const KernelEventSink& sink) {
  SourceStarted started;
  started.time = WallClock();
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

void BpfSource::ReadRing() {
  position_ =
      ring_->Read(position_, [this](const void* data, size_t size) { Dispatch(data, size); });
}

absl::Status BpfSource::Drain(const KernelEventSink& sink) {
  if (!std::exchange(announced_, true)) Announce(sink);
  sink_ = &sink;
  if (!std::exchange(taken_over_, true)) TakeOver(sink);
  const Counters counters = ReadTogether();
  sink_ = nullptr;
  DeliverCounts(counters, sink);
  untold_ |= DeliverLosses(sink);
  if (untold_ && SteadyClock() >= look_after_) LookAround(sink);
  sink(Clock{WallClock()});
  if (pinned()) return absl::OkStatus();
  TakeCursor();  // all this ends with the process: nothing to wait for
  Kept();
  return absl::OkStatus();
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
    case CAPMON_RECORD_EXEC_REFUSED:
      if (size >= sizeof(capmon_exec_refused_record))
        OnExecRefused(*static_cast<const capmon_exec_refused_record*>(data));
      break;
    case CAPMON_RECORD_CALL:
      if (size >= sizeof(capmon_call_record)) OnCall(*static_cast<const capmon_call_record*>(data));
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
    // Machinery: another tool's return probe stands where the caller would.
    if (!function.empty() && !IsWrapper(function) && !IsMachinery(function)) {
      resolved.site = function;
      state.site_certain = true;
    }
  }
  return state;
}

void BpfSource::OnCheck(const capmon_check_record& record) {
  const bool own = record.header.pid == own_pid_;
  if (probe_ != nullptr && own) {
    LearnStack(record);
    (*probe_)(record);
  }
  if (sink_ == nullptr || (own && record.header.time_ns <= probed_until_)) return;
  LearnStack(record);
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
    living_.insert(record.header.cgroup_id);
    (*sink_)(CgroupMade{time, record.header.cgroup_id, Text(record.path), false});
  } else {
    living_.erase(record.header.cgroup_id);
    removed_.insert(record.header.cgroup_id);
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
  exec.file_known = record.file_known != 0;
  exec.file_permitted = CapabilitySet(record.file_permitted);
  exec.file_inheritable = CapabilitySet(record.file_inheritable);
  exec.file_effective = record.file_effective != 0;
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
  CapabilitiesSet set;
  set.time = WallTime(record.header.time_ns);
  set.cgroup = record.header.cgroup_id;
  set.pid = record.header.pid;
  set.exe_origin = static_cast<ExeOrigin>(record.exe_origin);
  set.permitted = CapabilitySet(record.permitted);
  set.effective = CapabilitySet(record.effective);
  set.inheritable = CapabilitySet(record.inheritable);
  set.ambient = CapabilitySet(record.ambient);
  set.had = CapabilitySet(record.had);
  set.raises = record.raises != 0;
  set.refused = record.refused != 0;
  set.looked = record.looked != 0;
  set.userns_level = record.userns_level;
  set.comm = Text(record.comm);
  (*sink_)(set);
}

void BpfSource::OnExecRefused(const capmon_exec_refused_record& record) {
  if (sink_ == nullptr) return;
  ExecRefused refused;
  refused.time = WallTime(record.header.time_ns);
  refused.cgroup = record.header.cgroup_id;
  refused.pid = record.header.pid;
  refused.uid = record.uid;
  refused.comm = Text(record.comm);
  refused.path = Text(record.path);
  refused.bounding = CapabilitySet(record.bounding);
  (*sink_)(refused);
}

void BpfSource::OnCall(const capmon_call_record& record) {
  if (sink_ == nullptr) return;
  CallNoticed noticed;
  noticed.time = WallTime(record.header.time_ns);
  noticed.cgroup = record.header.cgroup_id;
  noticed.pid = record.header.pid;
  noticed.uid = record.uid;
  noticed.comm = Text(record.comm);
  noticed.syscall = SyscallName(record.syscall, record.compat != 0);
  noticed.refused = record.refused != 0;
  (*sink_)(noticed);
}

// A counter is explained by what the ring told before: whose cgroup it is, who asked from where.
// So counters are read until nothing was told meanwhile, and nothing was still being written.
BpfSource::Counters BpfSource::ReadTogether() {
  constexpr int kMaxRounds = 8;
  Counters counters;
  for (int round = 0; round == 0 || (round < kMaxRounds && position_ != ring_->end()); ++round) {
    ReadRing();
    counters.totals.clear();
    counters.status =
        checks_->ForEach([&](const capmon_check_key& key, const capmon_check_counts& total) {
          counters.totals.emplace_back(key, total);
        });
  }
  return counters;
}

void BpfSource::DeliverCounts(const Counters& counters, const KernelEventSink& sink) {
  const TimeNs now = WallClock();
  const bool pass_over = std::exchange(pass_over_, false);
  for (const auto& [key, total] : counters.totals) {
    KeyState& state = StateOf(key);
    const CheckCounts now_total{total.count, total.succeeded, total.failed, total.errnos};
    if (now_total == state.delivered) continue;
    if (now_total.count < state.delivered.count) state.delivered = {};  // made anew
    const CheckCounts fresh{now_total.count - state.delivered.count,
                            now_total.succeeded - state.delivered.succeeded,
                            now_total.failed - state.delivered.failed, now_total.errnos};
    state.delivered = now_total;
    NoteCursor(key, state);
    if (!pass_over) sink(ChecksCounted{now, state.resolved, fresh});
  }
  // An unreadable map is a loss like any other, and shown as one.
  if (!counters.status.ok()) sink(EvidenceLost{now, "map-unreadable", 0, 1});
}

void BpfSource::DeliverLoss(const std::string& cause, uint64_t total, uint64_t known,
                            const KernelEventSink& sink) {
  if (total > known) sink(EvidenceLost{WallClock(), cause, 0, total - known});
}

bool BpfSource::DeliverLosses(const KernelEventSink& sink) {
  const uint64_t untold = losses_delivered_[kLossNames[CAPMON_LOSS_RING_CGROUP]];
  const auto deliver = [&](const std::string& cause, uint64_t total) {
    uint64_t& known = losses_delivered_[cause];
    if (total == known) return;
    DeliverLoss(cause, total, std::exchange(known, total), sink);
    if (pinned()) cursor_.cursor.losses[cause] = total;
  };
  const std::vector<uint64_t> totals = ReadLosses(programs_->losses_fd());
  for (size_t cause = 0; cause < totals.size(); ++cause) deliver(kLossNames[cause], totals[cause]);
  deliver("recursion", programs_->MissedRuns());
  return losses_delivered_[kLossNames[CAPMON_LOSS_RING_CGROUP]] != untold;
}

}  // namespace capmon
