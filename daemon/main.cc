// SPDX-License-Identifier: Apache-2.0
// capmond: settings -> source -> monitor -> API and alerts. Declaration order is lifetime order.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <fstream>

#include "daemon/alert/line_sink.h"
#include "daemon/api/server.h"
#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/base/event_loop.h"
#include "daemon/base/regular_file.h"
#include "daemon/base/wall_clock.h"
#include "daemon/collector/bpf_source.h"
#include "daemon/collector/file_reader.h"
#include "daemon/collector/libbpf_log.h"
#include "daemon/collector/map_sizes.h"
#include "daemon/collector/recorder.h"
#include "daemon/collector/replay_source.h"
#include "daemon/config.h"
#include "daemon/failed_start.h"
#include "daemon/health_watch.h"
#include "daemon/metadata.h"
#include "daemon/monitor.h"
#include "daemon/persistence.h"
#include "daemon/requests.h"
#include "daemon/uninstall.h"
#include "proto/json.h"

namespace capmon {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick(1000);
constexpr milliseconds kRefreshPatience(1000);
constexpr size_t kStreamBacklog = 1024;
constexpr TimeNs kSecond = 1'000'000'000;

constexpr size_t kMaxTable = 1 << 20;
constexpr size_t kMaxMountInfo = 1 << 24;

// A reviewed table from a file, or the one built in.
template <typename Table>
absl::StatusOr<Table> LoadTable(const std::string& path) {
  if (path.empty()) return Table::BuiltIn();
  const absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxTable);
  if (!text.ok()) return text.status();
  absl::StatusOr<Table> table = Table::Parse(*text);
  if (table.ok()) return table;
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", path, std::string(table.status().message())));
}

absl::StatusOr<CallSites> LoadKnowledge(const Config& config) {
  absl::StatusOr<CallSites> sites = LoadTable<CallSites>(config.call_sites);
  absl::StatusOr<Programs> programs = LoadTable<Programs>(config.programs);
  if (sites.ok() && programs.ok()) sites->Use(*std::move(programs));
  return programs.ok() ? sites : programs.status();
}

// The number of a v1 hierarchy, from /proc/cgroups.
int HierarchyId(const std::string& proc, const std::string& controller) {
  std::ifstream file(proc + "/cgroups");
  std::string name;
  for (int id = 0; file >> name;) {
    std::string rest;
    if (name == controller && file >> id) return id;
    std::getline(file, rest);
  }
  return 0;
}

absl::StatusOr<BpfSource::Options> FindHost(const Config& config) {
  const absl::StatusOr<std::string> mountinfo =
      ReadRegularFile(config.proc + "/self/mountinfo", kMaxMountInfo);
  if (!mountinfo.ok()) return mountinfo.status();
  const CgroupMounts mounts = ParseCgroupMounts(*mountinfo);
  BpfSource::Options options;
  options.cgroup_layout = mounts.layout;
  options.backend = config.backend;
  options.sizes = SizesFor(MachineMemory(), MachineCpus());
  if (config.max_checks != 0) options.sizes.checks = config.max_checks;
  options.sizes.keys_per_owner = config.keys_per_container;
  options.roots.proc = config.proc;
  const std::optional<WatchedHierarchy> watched = HierarchyToWatch(mounts);
  if (!watched)
    return absl::FailedPreconditionError(
        "no cgroup hierarchy is mounted: containers cannot be told apart");
  options.roots.cgroup_mount =
      config.cgroup_root.empty() ? watched->mount.point : config.cgroup_root;
  if (!watched->v1_controller.empty())
    options.hierarchy = {HierarchyId(config.proc, watched->v1_controller), watched->v1_controller};
  return options;
}

struct Sources {
  std::unique_ptr<KernelSource> source;
  BpfSource* kernel = nullptr;  // the same, when it is the live kernel
  std::string cgroup_mount;     // of the live kernel
};

absl::StatusOr<Sources> OpenSource(const Config& config, const PinDirectory* pins) {
  if (!config.replay.empty()) {
    auto replay = ReplaySource::Open(config.replay);
    if (!replay.ok()) return replay.status();
    return Sources{*std::move(replay), nullptr, ""};
  }
  absl::StatusOr<BpfSource::Options> host = FindHost(config);
  if (!host.ok()) return host.status();
  host->pins = pins;
  const std::string cgroup_mount = host->roots.cgroup_mount;
  auto kernel = BpfSource::Open(*std::move(host));
  if (const std::string log = EarlierLibbpfLogs() + LibbpfLog(); !log.empty())
    spdlog::debug("{}", log);  // also of a back end that was passed over
  if (!kernel.ok()) return kernel.status();
  BpfSource* raw = kernel->get();
  return Sources{*std::move(kernel), raw, cgroup_mount};
}

Layer LayerOf(const FileReader::Tally& tally) {
  constexpr uint64_t kEnough = 8;  // some programs end before they can be looked at
  const bool blind = tally.read == 0 && tally.unread >= kEnough;
  if (tally.unread == 0) return {"files", "ok", ""};
  return {"files", blind ? "failing" : "ok",
          fmt::format("the capabilities of {} of {} executed files could not be read", tally.unread,
                      tally.read + tally.unread)};
}

std::string AlertLine(const Alert& alert) {
  // A message of our own making: it always converts.
  return MessageToJson(ToProto(alert, 0), false).value_or("");
}

void Reopen(LineSink& alert_lines, const std::string& path) {
  if (const absl::Status status = alert_lines.Reopen(); !status.ok())
    spdlog::error("{}; alerts go on to the file that was open", std::string(status.message()));
  else
    spdlog::info("opened {} again", path);
}

absl::Status RemoveEverything(const Config& config) {
  const auto removed = Uninstall(config);
  if (!removed.ok()) return removed.status();
  for (const std::string& path : *removed) fmt::print("removed {}\n", path);
  if (removed->empty()) fmt::print("there was nothing to remove\n");
  return absl::OkStatus();
}

absl::Status Run(const Config& config) {
  auto loop = EventLoop::Create();  // first: every later thread leaves the signals to it
  if (!loop.ok()) return loop.status();
  absl::StatusOr<CallSites> sites = LoadKnowledge(config);
  if (!sites.ok()) return sites.status();
  FailedStart failed_start;
  failed_start.TakeBackRunDirectory(config);
  Server::Options server_options;
  server_options.address = config.address;
  server_options.group = config.socket_group;
  auto claim = Server::Claim(server_options);
  if (!claim.ok()) return claim.status();

  std::unique_ptr<LineSink> alert_lines;
  if (!config.alerts.empty()) {
    auto sink = LineSink::Open(config.alerts);
    if (!sink.ok()) return sink.status();
    alert_lines = *std::move(sink);
    if (alert_lines->made()) failed_start.TakeBackFile(config.alerts);
    (*loop)->OnHangup([&] { Reopen(*alert_lines, config.alerts); });
  }
  if (config.replay.empty()) failed_start.TakeBackState(config);
  std::unique_ptr<Persistence> persistence;
  if (config.replay.empty()) {  // a recording is kept already
    auto claimed = Persistence::Open(config);
    if (!claimed.ok()) return claimed.status();
    persistence = *std::move(claimed);
  }
  FailedStart pinned;
  if (persistence && persistence->pins() != nullptr) pinned.TakeBackPins(*persistence->pins());
  absl::StatusOr<Sources> opened = OpenSource(config, persistence ? persistence->pins() : nullptr);
  if (!opened.ok()) return opened.status();
  KernelSource& source = *opened->source;

  std::optional<Recorder> recorder;
  if (!config.record.empty()) {
    auto created = Recorder::Create(config.record);
    if (!created.ok()) return created.status();
    recorder = *std::move(created);
    if (recorder->made()) failed_start.TakeBackFile(config.record);
  }
  std::unique_ptr<HealthWatch> health;
  if (opened->kernel != nullptr) {
    auto started = HealthWatch::Start(opened->kernel->own_cgroup());
    if (!started.ok()) return started.status();
    health = *std::move(started);
  }
  std::optional<Metadata> metadata;
  std::optional<FileReader> files;
  if (opened->kernel != nullptr) files.emplace(config.proc);
  if (opened->kernel != nullptr) metadata.emplace(config, opened->cgroup_mount);

  Requests requests;
  Broadcast<Alert> alerts(kStreamBacklog);
  Broadcast<WatchedEvent> events(kStreamBacklog);
  Synchronized<Monitor> monitor(
      *sites, Monitor::Options{.baseline_after = config.baseline_after_seconds * kSecond,
                               .track_changes = persistence && persistence->has_store(),
                               .stable_after = config.stable_after_seconds * kSecond});
  monitor.With([&](Monitor& m) {
    m.OnAlert([&](const Alert& alert) {
      alerts.Publish(alert);
      if (alert_lines) alert_lines->Put(AlertLine(alert));
    });
    m.OnWatch([&](const WatchedEvent& event) { events.Publish(event); });
    if (health) m.SetOwn(opened->kernel->own_cgroup(), health->own_exe());
    if (persistence) persistence->Restore(m, *opened->kernel);
  });

  const auto apply = [&](Monitor& m, const KernelEvent& event) {
    if (health && health->Takes(event, m)) return;
    if (const auto* refused = std::get_if<ExecRefused>(&event); refused != nullptr && files)
      if (!refused->known && !refused->path.empty())
        return files->Want(*refused, m.RootOf(refused->cgroup));
    if (recorder) recorder->Write(event);
    if (const auto* made = std::get_if<CgroupMade>(&event); made != nullptr && metadata)
      metadata->Want(*made);
    m.Apply(event);
    const auto* const exec = std::get_if<ProcessExec>(&event);
    if (exec == nullptr || !files) return;
    files->Note(*exec);
    if (m.WantsFile(*exec)) files->Want(*exec, m.RootOf(exec->cgroup));
  };
  const auto take_files = [&](Monitor& m) {
    if (!files) return;
    for (const KernelEvent& event : files->Take()) {
      const auto* refused = std::get_if<ExecRefused>(&event);
      if (refused == nullptr || refused->known) apply(m, event);
    }
  };
  const auto drain = [&] {
    monitor.With([&](Monitor& m) {
      take_files(m);
      if (metadata)
        for (const KernelEvent& event : metadata->Take(m.UnnamedCgroups())) apply(m, event);
      const absl::Status status = source.Drain([&](const KernelEvent& e) { apply(m, e); });
      if (!status.ok()) spdlog::error("{}", status.ToString());
      if (opened->kernel != nullptr) opened->kernel->SetGroups(m.Groups());
      for (const KernelEvent& event : requests.Take(WallClock())) apply(m, event);
      if (opened->kernel == nullptr || config.learn_for_seconds == 0) return;
      const absl::Status watching =
          opened->kernel->WatchOutcomes(m.IsLearning(config.learn_for_seconds * kSecond));
      if (!watching.ok()) spdlog::debug("{}", watching.ToString());
    });
    if (persistence) persistence->Persist(monitor, *opened->kernel, /*last=*/false);
    if (!recorder) return;
    if (const absl::Status status = recorder->Flush(); !status.ok())
      spdlog::error("{}", status.ToString());
  };

  // What a record in the ring asks for: a name or a file to look up, room to give back.
  const auto drain_urgent = [&] {
    monitor.With([&](Monitor& m) {
      take_files(m);
      source.DrainUrgent([&](const KernelEvent& e) { apply(m, e); });
      if (opened->kernel != nullptr) opened->kernel->SetGroups(m.Groups());
      if (metadata)
        for (const KernelEvent& event : metadata->Take({})) apply(m, event);
    });
    if (persistence && opened->kernel->NeedsCommit())
      persistence->Persist(monitor, *opened->kernel, false);
  };

  drain();
  Served served{monitor, alerts, events, [&] { return (*loop)->RunTickNow(kRefreshPatience); },
                [&] {
                  std::vector<Layer> layers =
                      metadata ? metadata->layers() : std::vector<Layer>{{"cgroup", "ok", ""}};
                  if (files) layers.push_back(LayerOf(files->tally()));
                  return layers;
                },
                // A recording is as healthy as it was.
                [&] {
                  return health ? health->State() : HealthState{true, "", 0};
                },
                [&](KernelEvent event) { return requests.Submit(std::move(event)); },
                [&] { return persistence ? persistence->layers() : std::vector<Layer>(); },
                [&] {
                  std::map<std::string, uint64_t> counters;
                  if (alert_lines) counters["alert_lines_dropped"] = alert_lines->dropped();
                  return counters;
                }};
  auto server = Server::Start(server_options, *std::move(claim), served);
  if (!server.ok()) return server.status();

  if (source.fd() >= 0)
    if (absl::Status status = (*loop)->OnReadable(source.fd(), drain_urgent); !status.ok())
      return status;
  if (files && files->fd() >= 0)
    if (absl::Status status = (*loop)->OnReadable(files->fd(), drain_urgent); !status.ok())
      return status;
  for (const int fd : metadata ? metadata->fds() : std::vector<int>())
    if (absl::Status status = (*loop)->OnReadable(fd, drain_urgent); !status.ok()) return status;
  const auto tick = [&] {
    drain();
    if (health) health->Tick();
  };
  if (absl::Status status = (*loop)->Every(kTick, tick); !status.ok()) return status;
  tick();
  failed_start.Succeeded();
  pinned.Succeeded();
  spdlog::info("capmond {} serves {}", CAPMON_VERSION, config.address);
  const absl::Status ended = (*loop)->Run();
  (*server)->Stop();
  drain();
  if (persistence) persistence->Persist(monitor, *opened->kernel, /*last=*/true);
  monitor.With([](Monitor& m) { m.Flush(); });
  return ended;
}

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  if (absl::IsInvalidArgument(status) || absl::IsNotFound(status)) return 2;
  if (absl::IsPermissionDenied(status)) return 6;
  return 1;
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  const auto parsed = capmon::ParseCommandLine(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& config = std::get<capmon::Config>(parsed);
  auto logger = spdlog::stderr_logger_mt("capmond");
  logger->set_level(spdlog::level::from_str(config.log_level));
  spdlog::set_default_logger(logger);

  const absl::Status status =
      config.uninstall ? capmon::RemoveEverything(config) : capmon::Run(config);
  if (!status.ok()) fmt::print(stderr, "capmond: {}\n", std::string(status.message()));
  return capmon::ExitCode(status);
}
