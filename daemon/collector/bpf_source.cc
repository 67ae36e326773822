// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/bpf_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/attribution/cgroup_path.h"
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

BpfSource::BpfSource(Options options)
    : options_(std::move(options)),
      ledger_([this](const capmon_check_key& key, CounterLedger::Counter& counter) {
        Resolve(key, counter);
      }),
      cgroup_mount_(::open(options_.roots.cgroup_mount.c_str(), O_RDONLY | O_CLOEXEC)) {}

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
  WalkCgroups(roots.cgroup_mount, [this](CgroupId cgroup, const std::string& path) {
    if (IdentifyCgroup(path).kind == ContainerKind::kHost) MarkGroup(cgroup, true);
  });
  if (pinned != nullptr) {
    generation_ = pinned->about.id;
    ledger_.Persist(generation_);
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
  DeliverCounts(counters, sink);
  DeliverLosses(counters, sink);
  std::set<CgroupId> counted;
  for (const auto& [key, total] : counters.totals) counted.insert(key.cgroup_id);
  for (const auto& [owner, used] : counters.owners) counted.insert(owner);
  LookUp(counted, sink);
  if (untold_ && SteadyClock() >= look_after_) LookAround(sink);
  DeliverUsage(counters, sink);
  sink_ = nullptr;
  sink(Clock{WallClock()});
  if (pinned()) return absl::OkStatus();
  TakeCursor();  // all this ends with the process: nothing to wait for
  Kept();
  return absl::OkStatus();
}

// Reads the ring alone: the counters can wait for the next tick, and are too many for every wakeup.
void BpfSource::DrainUrgent(const KernelEventSink& sink) {
  if (!taken_over_) return;
  sink_ = &sink;
  ReadRing();
  sink_ = nullptr;
  if (pinned()) return;
  ring_->Release(position_);
  ++programs_->settings().epoch;
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
      OnCgroup(*header, {static_cast<const char*>(data) + sizeof(*header), size - sizeof(*header)},
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

void BpfSource::Resolve(const capmon_check_key& key, CounterLedger::Counter& counter) {
  CheckKey& resolved = counter.resolved;
  resolved.cgroup = key.cgroup_id;
  resolved.capability = key.capability;
  resolved.granted = key.granted != 0;
  resolved.traits = key.traits;
  resolved.exe_origin = static_cast<ExeOrigin>(key.exe_origin);
  resolved.target_level = key.target_level;
  resolved.cred_depth = key.cred_depth;
  resolved.exe = key.exe;
  if (key.syscall != CAPMON_NO_SYSCALL)
    resolved.syscall = SyscallName(key.syscall, key.traits & CAPMON_COMPAT);
  if (key.site == 0) return;
  const std::string function = FunctionOf(symbols_->Name(key.site));
  // Machinery: another tool's return probe stands where the caller would.
  if (function.empty() || IsWrapper(function) || IsMachinery(function)) return;
  resolved.site = function;
  counter.site_certain = true;
}

CgroupId BpfSource::Charged(CgroupId cgroup, CgroupId owner) const {
  return owner == 0 || live_.Reported(cgroup) ? cgroup : owner;
}

void BpfSource::OnCheck(const capmon_check_record& record) {
  const bool own = record.header.pid == own_pid_;
  if (probe_ != nullptr && own) {
    LearnStack(record);
    (*probe_)(record);
  }
  if (sink_ == nullptr || (own && record.header.time_ns <= probed_until_)) return;
  LearnStack(record);
  CounterLedger::Counter& state = ledger_.Of(record.key);
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
  sample.key.cgroup = Charged(record.key.cgroup_id, record.header.owner);
  sample.pid = record.header.pid;
  sample.tid = record.header.tid;
  sample.uid = record.uid;
  sample.comm = Text(record.comm);
  sample.binary = Text(record.binary);
  (*sink_)(sample);
}

void BpfSource::ReportMade(TimeNs time, CgroupId cgroup, const std::string& path, bool existing) {
  live_.Made(cgroup);
  if (IdentifyCgroup(path).kind == ContainerKind::kHost) MarkGroup(cgroup, true);
  (*sink_)(CgroupMade{time, cgroup, path, existing});
}

void BpfSource::OnCgroup(const capmon_record_header& header, std::string_view path, bool made) {
  if (sink_ == nullptr) return;
  const TimeNs time = WallTime(header.time_ns);
  const CgroupId cgroup = header.cgroup_id;
  const std::string text(path.substr(0, path.find('\0')));
  // Of one whose making was not reported, at least the end says where it was.
  if (made || !live_.Reported(cgroup)) ReportMade(time, cgroup, text, !made);
  if (made) return;
  live_.Removed(cgroup);
  MarkGroup(cgroup, false);
  (*sink_)(CgroupRemoved{time, cgroup});
}

void BpfSource::OnExec(const capmon_exec_record& record) {
  if (sink_ == nullptr) return;
  ProcessExec exec;
  exec.time = WallTime(record.header.time_ns);
  exec.cgroup = Charged(record.header.cgroup_id, record.header.owner);
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
  SurroundingsSeen seen{time, Charged(record.header.cgroup_id, record.header.owner), {}};
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
  set.cgroup = Charged(record.header.cgroup_id, record.header.owner);
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
  refused.cgroup = Charged(record.header.cgroup_id, record.header.owner);
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
  noticed.cgroup = Charged(record.header.cgroup_id, record.header.owner);
  noticed.pid = record.header.pid;
  noticed.uid = record.uid;
  noticed.comm = Text(record.comm);
  noticed.syscall = SyscallName(record.syscall, record.compat != 0);
  noticed.refused = record.refused != 0;
  (*sink_)(noticed);
}

// A counter is explained by what the ring says: whose cgroup it is, who asked from where. Records
// are written before their check is counted, so all that explains the counters is in the ring once
// they are read; some of it may still be under way for a moment.
BpfSource::Counters BpfSource::ReadTogether() {
  constexpr int kMaxRounds = 8;
  Counters counters;
  ReadRing();
  live_.BeforeRead();
  counters.status =
      checks_->ForEach([&](const capmon_check_key& key, const capmon_check_counts& total) {
        counters.totals.emplace_back(key, total);
      });
  auto owners = ReadOwners(programs_->owners_fd());
  counters.status.Update(owners.status());
  if (owners.ok()) counters.owners = *std::move(owners);
  const uint64_t end = ring_->end();
  for (int round = 0; round < kMaxRounds && position_ < end; ++round) ReadRing();
  return counters;
}

void BpfSource::DeliverCounts(const Counters& counters, const KernelEventSink& sink) {
  const TimeNs now = WallClock();
  const bool pass_over = std::exchange(pass_over_, false);
  const TimeNs unread_since = std::exchange(unread_since_, 0);
  for (const auto& [key, total] : counters.totals) {
    CounterLedger::Counter& counter = ledger_.Of(key);
    counter.owner = total.owner;
    const CheckCounts fresh =
        ledger_.Advance(key, {total.count, total.succeeded, total.failed, total.errnos});
    if (fresh == CheckCounts() || pass_over) continue;
    ChecksCounted counted{now, counter.resolved, fresh, adopted_ ? unread_since : 0};
    counted.key.cgroup = Charged(key.cgroup_id, total.owner);
    sink(counted);
  }
  if (counters.status.ok()) live_.Delivered();
  // An unreadable map is a loss like any other, and shown as one.
  if (!counters.status.ok()) sink(EvidenceLost{now, "map-unreadable", 0, 1});
}

void BpfSource::DeliverLosses(const Counters& counters, const KernelEventSink& sink) {
  const TimeNs now = WallClock();
  for (const auto& [owner, totals] : counters.owners) {
    for (const CounterLedger::Lost& lost : ledger_.AdvanceLosses(owner, totals)) {
      sink(EvidenceLost{now, lost.cause, lost.owner, lost.count});
      untold_ |= lost.cause == kLossNames[CAPMON_LOSS_RING_CGROUP] ||
                 lost.cause == kLossNames[CAPMON_LOSS_RING_REMOVED];
    }
  }
  const uint64_t missed = ledger_.AdvanceLoss("recursion", programs_->MissedRuns());
  if (missed > 0) sink(EvidenceLost{now, "recursion", 0, missed});
}

void BpfSource::DeliverUsage(const Counters& counters, const KernelEventSink& sink) {
  constexpr size_t kLargest = 5;
  MapUsage usage{0, programs_->used_checks(), programs_->max_checks(), freed_, {}};
  auto owners = counters.owners;
  const size_t shown = std::min(kLargest, owners.size());
  std::partial_sort(owners.begin(), owners.begin() + static_cast<ptrdiff_t>(shown), owners.end(),
                    [](const auto& a, const auto& b) { return a.second.keys > b.second.keys; });
  for (size_t i = 0; i < shown; ++i)
    if (owners[i].second.keys > 0)
      usage.largest[std::to_string(owners[i].first)] = std::to_string(owners[i].second.keys);
  if (usage == usage_) return;
  usage_ = usage;
  usage.time = WallClock();
  sink(usage);
}

}  // namespace capmon
