// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "daemon/base/memory.h"
#include "daemon/base/wall_clock.h"
#include "daemon/collector/bpf_source.h"
#include "daemon/collector/host_files.h"
#include "daemon/collector/libbpf_log.h"
#include "daemon/collector/map_sizes.h"
#include "daemon/collector/memory_limit.h"
#include "daemon/collector/replay_source.h"
#include "daemon/collector/watched_host.h"
#include "daemon/event_batch.h"
#include "daemon/knowledge.h"
#include "generated/version.h"
#include "proto/json.h"

namespace capmon {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick(500);
// What may be an alert does not wait for the next tick; but reading its counter takes no more than
// a tenth of the time: while containers start, capmond has files to look at before they are gone.
constexpr int kApart = 10;
constexpr size_t kStreamBacklog = 1024;

absl::StatusOr<BpfSource::Options> SourceOptions(const Config& config, const PinDirectory* pins) {
  absl::StatusOr<WatchedHost> host = FindWatchedHost(config.proc, config.cgroup_root);
  if (!host.ok()) return host.status();
  BpfSource::Options options{.hierarchy = host->hierarchy,
                             .cgroup_layout = host->cgroup_layout,
                             .roots = {host->cgroup_mount, config.proc},
                             .backend = config.backend,
                             .sizes = SizesFor(MachineMemory(), MemoryLimit(), MachineCpus()),
                             .pins = pins};
  if (config.max_checks != 0) options.sizes.checks = config.max_checks;
  options.sizes.keys_per_owner = config.keys_per_container;
  return options;
}

std::string AlertLine(const Alert& alert) {
  // capmond made the message, so it converts.
  return MessageToJson(ToProto(alert, 0), false).value_or("");
}

}  // namespace

Daemon::Daemon(const Settings& settings)
    : live_(settings),
      config_(live_.settings().config),
      alerts_(kStreamBacklog),
      watched_(kStreamBacklog) {}

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Create(const Settings& settings) {
  std::unique_ptr<Daemon> daemon(new Daemon(settings));
  if (absl::Status status = daemon->Compose(); !status.ok()) return status;
  return daemon;
}

absl::Status Daemon::Compose() {
  auto loop = EventLoop::Create();
  if (!loop.ok()) return loop.status();
  loop_ = *std::move(loop);
  auto sites = LoadKnowledge(config_.call_sites, config_.programs);
  if (!sites.ok()) return sites.status();
  sites_ = *std::move(sites);
  // Before descriptors exist that the process could inherit.
  if (config_.replay.empty()) StartReading();
  absl::Status status = ClaimSocket();
  if (status.ok()) status = ListenForMetrics();
  if (status.ok()) status = OpenAlerts();
  if (status.ok()) status = config_.replay.empty() ? OpenKernel() : OpenReplay();
  if (status.ok()) status = StartFeed();
  if (!status.ok()) return status;
  Tick();  // clients find what exists already
  status = Serve();
  if (status.ok()) status = ServeMetrics();
  if (status.ok()) status = WatchDescriptors();
  if (!status.ok()) return status;
  files_to_remove_.Succeeded();
  pins_to_remove_.Succeeded();
  spdlog::info("capmond {} serves {}", CAPMON_VERSION, config_.address);
  return absl::OkStatus();
}

// Without it capmond reports files as unread.
void Daemon::StartReading() {
  auto reading =
      ReadingProcess::Start([files = std::make_shared<HostFiles>(config_.proc)](
                                const FileQuestion& question) { return files->Answer(question); });
  if (reading.ok())
    reading_ = *std::move(reading);
  else
    spdlog::warn("the capabilities of files are not read: {}",
                 std::string(reading.status().message()));
}

absl::Status Daemon::OpenRecorder() {
  if (config_.record.empty()) return absl::OkStatus();
  auto created = Recorder::Create(config_.record);
  if (!created.ok()) return created.status();
  recorder_ = *std::move(created);
  if (recorder_.made()) files_to_remove_.TakeBackFile(config_.record);
  return absl::OkStatus();
}

// A recording contains the answers to all inquiries, has no health of its own, and is persisted
// already.
absl::Status Daemon::OpenReplay() {
  auto replay = ReplaySource::Open(config_.replay);
  if (!replay.ok()) return replay.status();
  source_ = *std::move(replay);
  persistence_ = std::make_unique<Persistence>();
  health_ = std::make_unique<HealthWatch>();
  inquiries_ = std::make_unique<Inquiries>();
  OpenMonitor(0);
  return absl::OkStatus();
}

absl::Status Daemon::OpenKernel() {
  files_to_remove_.TakeBackState(config_);
  auto persistence = Persistence::Open(config_);
  if (!persistence.ok()) return persistence.status();
  persistence_ = *std::move(persistence);
  if (persistence_->pins() != nullptr) pins_to_remove_.TakeBackPins(*persistence_->pins());
  const auto options = SourceOptions(config_, persistence_->pins());
  if (!options.ok()) return options.status();
  auto kernel = BpfSource::Open(*options);
  if (const std::string log = EarlierLibbpfLogs() + LibbpfLog(); !log.empty())
    spdlog::debug("{}", log);  // the log of a back end that failed
  if (!kernel.ok()) return kernel.status();
  const CgroupId own_cgroup = (*kernel)->own_cgroup();
  const uint32_t own_exe = (*kernel)->own_exe();
  backend_ = (*kernel)->backend();
  (*kernel)->LeaveOutReader(reading_ ? reading_->supervisor() : 0);
  source_ = *std::move(kernel);
  if (absl::Status status = OpenRecorder(); !status.ok()) return status;
  auto health = HealthWatch::Start(own_cgroup, own_exe);
  if (!health.ok()) return health.status();
  health_ = *std::move(health);
  inquiries_ =
      std::make_unique<Inquiries>(config_, options->roots.cgroup_mount, std::move(reading_));
  OpenMonitor(own_cgroup);
  return absl::OkStatus();
}

void Daemon::OpenMonitor(CgroupId own_cgroup) {
  call_watch_.emplace(CallWatch::Options{.per_hour = config_.watch_budget_seconds * kSecond,
                                         .ends_awaited = source_->awaits_ends()});
  monitor_.emplace(
      sites_, Monitor::Options{.baseline_after = config_.baseline_after_seconds * kSecond,
                               .track_changes = persistence_->has_store(),
                               .stable_after = config_.stable_after_seconds * kSecond,
                               .complete = {config_.complete_starts, config_.complete_instances,
                                            config_.complete_known_sites / 100.0}});
  monitor_->With([&](Monitor& monitor) {
    monitor.OnAlert([this](const Alert& alert) {
      alerts_.Publish(alert);
      if (!alert.update)
        raised_.With([&](std::map<std::string, uint64_t>& raised) { ++raised[alert.rule]; });
      if (alert_lines_) alert_lines_->Put(AlertLine(alert));
      if (feed_) feed_->Put(alert);
    });
    monitor.OnWatch([this](const WatchedEvent& event) { watched_.Publish(event); },
                    [this] { return watched_.has_readers(); });
    monitor.SetOwn(own_cgroup, health_->own_exe());
    persistence_->Restore(monitor, *source_);
  });
}

absl::Status Daemon::WatchDescriptors() {
  const auto urgent = [this] { OnUrgent(); };
  for (const int fd : inquiries_->fds())
    if (absl::Status status = loop_->OnReadable(fd, urgent); !status.ok()) return status;
  // Most records wait for the tick: the kernel side decides which are urgent.
  if (source_->fd() >= 0)
    if (absl::Status status = loop_->OnWake(source_->fd(), urgent); !status.ok()) return status;
  return loop_->Every(kTick, [this] { Tick(); });
}

absl::Status Daemon::Run() {
  const absl::Status ended = loop_->Run();
  feed_->CancelCalls();  // no client waits for a receiver
  const bool served_all = server_->Stop();
  metrics_.reset();
  Tick();
  monitor_->With([](Monitor& monitor) { monitor.Flush(); });
  persistence_->Persist(*monitor_, *source_, /*at_once=*/true);
  if (served_all) return ended;
  spdlog::warn("a client's call did not end in time");
  // Everything is written except the last alert lines. The hanging thread uses the other objects
  // until the process ends.
  feed_->End();
  alert_lines_.reset();
  std::_Exit(ended.ok() ? EXIT_SUCCESS : EXIT_FAILURE);
}

void Daemon::Tick() {
  ReadCounters();
  const std::vector<KernelEvent> requests = requests_.Drain(WallClock());
  Apply(requests);
  NoteDetails();
  SteerGroups();
  SteerOutcomes();
  SteerUse();
  // The answer to a request says whether its result is in the store.
  persistence_->Persist(*monitor_, *source_, /*at_once=*/!requests.empty());
  FlushRecording();
  health_->Tick();
  NoteHealth();
  SaveMemory();
}

void Daemon::ReadCounters() {
  ApplyAnswers(monitor_->With([](Monitor& monitor) { return monitor.UnnamedCgroups(); }));
  Poll([](KernelSource& source, const KernelEventSink& sink) { return source.Drain(sink); });
  monitor_->With([](Monitor& monitor) { return monitor.TakeAlertMayCome(); });
}

void Daemon::ReadNewCounters() {
  const TimeNs started = ThreadClock();
  ApplyAnswers({});
  Poll([](KernelSource& source, const KernelEventSink& sink) { return source.DrainOf({}, sink); });
  monitor_->With([](Monitor& monitor) { return monitor.TakeAlertMayCome(); });
  reading_took_ = ThreadClock() - started;
}

void Daemon::ReadCountersOf(const std::string& reference) {
  constexpr size_t kMostCgroups = 256;  // each is looked up by itself
  ReadUrgent();                         // it may be of a cgroup that was not known
  const auto cgroups =
      monitor_->With([&](Monitor& monitor) { return monitor.CgroupsOf(reference); });
  if (!cgroups || cgroups->size() > kMostCgroups) return ReadCounters();
  Poll([&](KernelSource& source, const KernelEventSink& sink) {
    return source.DrainOf(*cgroups, sink);
  });
}

// The start reads the kernel's types and names, a flood of short containers leaves holes: glibc
// keeps what was freed below anything that is still in use.
void Daemon::SaveMemory() {
  constexpr TimeNs kBetween = 600 * kSecond;
  const TimeNs now = SteadyClock();
  if (memory_returned_ != 0 && now - memory_returned_ < kBetween) return;
  memory_returned_ = now;
  ReturnMemory();
}

// After some seconds: when capmond begins, its own check has not been seen yet.
void Daemon::NoteHealth() {
  constexpr TimeNs kPatience = 10 * kSecond;
  const HealthState health = health_->State();
  const TimeNs now = SteadyClock();
  if (health.serving) unhealthy_since_ = now;
  const std::string reason = now - unhealthy_since_ > kPatience ? health.reason : "";
  monitor_->With([&](Monitor& monitor) { monitor.NoteHealth(reason); });
}

void Daemon::ReadUrgent() {
  Poll([](KernelSource& source, const KernelEventSink& sink) {
    source.DrainUrgent(sink);
    return absl::OkStatus();
  });
  ApplyAnswers({});
}

void Daemon::OnUrgent() {
  ReadUrgent();
  SteerGroups();
  SteerOutcomes();  // before the first program of a new container runs
  if (source_->NeedsCommit()) persistence_->Persist(*monitor_, *source_, /*at_once=*/false);
  if (monitor_->With([](Monitor& monitor) { return monitor.TakeAlertMayCome(); }))
    loop_->Soon(std::chrono::nanoseconds(std::max(BpfSource::kSettles, kApart * reading_took_)),
                [this] { ReadNewCounters(); });
}

void Daemon::ApplyAnswers(const std::vector<CgroupId>& unnamed) {
  Apply(inquiries_->Answers(unnamed));
}

void Daemon::Poll(const Read& read) {
  EventBatch batch([this](const std::vector<KernelEvent>& events) { Apply(events); });
  const absl::Status status = read(*source_, [&](const KernelEvent& event) { batch.Add(event); });
  if (!status.ok()) spdlog::error("{}", status.ToString());
}

void Daemon::Apply(const std::vector<KernelEvent>& events) {
  if (events.empty()) return;
  monitor_->With([&](Monitor& monitor) {
    for (const KernelEvent& event : events) {
      if (health_->Consumes(event, monitor) || inquiries_->HoldsBack(event, monitor)) continue;
      recorder_.Write(event);
      monitor.Apply(event);
      const std::optional<KernelEvent> meanwhile = inquiries_->Follow(event, monitor);
      if (!meanwhile) continue;
      recorder_.Write(*meanwhile);
      monitor.Apply(*meanwhile);
    }
  });
}

void Daemon::SteerGroups() {
  const auto groups =
      monitor_->With([this](Monitor& monitor) { return monitor.GroupsSince(groups_version_); });
  if (groups) source_->SetGroups(*groups);
}

void Daemon::SteerOutcomes() {
  if (config_.learn_for_seconds == 0) return;
  const std::vector<YoungContainer> young = monitor_->With(
      [this](Monitor& monitor) { return monitor.Young(config_.learn_for_seconds * kSecond); });
  absl::Status status = source_->WatchOutcomes(call_watch_->Decide(SteadyClock(), young));
  status.Update(source_->WatchAnswers(!young.empty()));
  if (!status.ok()) spdlog::debug("{}", status.ToString());
}

// Counts reads from TCP connections while any container was not put to use yet.
void Daemon::SteerUse() {
  const bool awaits = monitor_->With([](Monitor& monitor) { return monitor.AwaitsUse(); });
  if (const absl::Status status = source_->WatchUse(awaits); !status.ok())
    spdlog::debug("{}", status.ToString());
}

void Daemon::FlushRecording() {
  if (const absl::Status status = recorder_.Flush(); !status.ok())
    spdlog::error("{}", status.ToString());
}

}  // namespace capmon
