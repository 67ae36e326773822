// SPDX-License-Identifier: Apache-2.0
// The part of the daemon that leads alerts to sinks, and applies a reload.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/alert_details.h"
#include "daemon/daemon.h"
#include "daemon/host_identity.h"
#include "generated/version.h"

namespace capmon {
namespace {

void Reopen(LineSink& alert_lines, const std::string& path) {
  if (const absl::Status status = alert_lines.Reopen(); !status.ok())
    spdlog::error("{}; alerts are still written to the file that was open",
                  std::string(status.message()));
  else
    spdlog::info("opened {} again", path);
}

void WarnWithoutNetwork(const std::vector<SinkSettings>& sinks) {
  const bool needed = std::ranges::any_of(sinks, [](const SinkSettings& sink) {
    return !std::holds_alternative<FileTarget>(sink.target);
  });
  if (needed && !HasNetwork())
    spdlog::warn(
        "capmond has no network here, so sinks may not reach their receivers; the "
        "installed unit needs the drop-in network.conf, see docs/configuration.md");
}

}  // namespace

absl::Status Daemon::OpenAlerts() {
  if (config_.alerts.empty()) return absl::OkStatus();
  auto sink = LineSink::Open(config_.alerts);
  if (!sink.ok()) return sink.status();
  alert_lines_ = *std::move(sink);
  if (alert_lines_->made()) files_to_remove_.TakeBackFile(config_.alerts);
  return absl::OkStatus();
}

Feed::Options Daemon::FeedOptions() {
  Feed::Options options;
  options.sensor = {.version = CAPMON_VERSION,
                    .backend = backend_,
                    .node = NodeName(config_.node),
                    .host_id = MachineId(),
                    .cluster = config_.cluster};
  if (persistence_->has_store()) options.directory = config_.state_dir;
  if (config_.replay.empty()) {  // else those processes are long gone
    const auto details = std::make_shared<AlertDetails>(config_.proc);
    options.complete = [details](Alert& alert) {
      if (alert.pid != 0) details->Add(alert);
    };
  }
  options.completed = [this](const Alert& alert) {
    detailed_.With([&](std::vector<Alert>& detailed) {
      if (detailed.size() < Feed::kMaxQueued) detailed.push_back(alert);
    });
  };
  return options;
}

absl::Status Daemon::StartFeed() {
  const FeedSettings& settings = live_.settings().feed;
  monitor_->With([&](Monitor& monitor) {
    monitor.SetVolumeLimits(settings.limits);
    monitor.SetExceptions(settings.exceptions);
  });
  WarnWithoutNetwork(settings.sinks);
  auto feed = Feed::Start(FeedOptions(), settings);
  if (!feed.ok()) return feed.status();
  feed_ = *std::move(feed);
  loop_->OnHangup([this] { Reload(); });
  return absl::OkStatus();
}

void Daemon::Reload() {
  if (alert_lines_) Reopen(*alert_lines_, config_.alerts);
  live_.Reload([this](const FeedSettings& settings) { return ApplySettings(settings); });
  feed_->Reopen();
}

absl::Status Daemon::ApplySettings(const FeedSettings& settings) {
  auto plan = feed_->Prepare(settings);
  if (!plan.ok()) return plan.status();
  monitor_->With([&](Monitor& monitor) {
    if (!(settings.limits == live_.settings().feed.limits))
      monitor.SetVolumeLimits(settings.limits);
    monitor.SetExceptions(settings.exceptions);
  });
  WarnWithoutNetwork(settings.sinks);
  feed_->Apply(*std::move(plan));
  return absl::OkStatus();
}

// Main alone changes the monitor.
void Daemon::NoteDetails() {
  const std::vector<Alert> detailed = detailed_.With(
      [](std::vector<Alert>& alerts) { return std::exchange(alerts, std::vector<Alert>()); });
  if (detailed.empty()) return;
  monitor_->With([&](Monitor& monitor) {
    for (const Alert& alert : detailed) monitor.NoteDetails(alert);
  });
}

}  // namespace capmon
