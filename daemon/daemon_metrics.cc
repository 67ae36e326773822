// SPDX-License-Identifier: Apache-2.0
// The part of the daemon that serves metrics.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <utility>

#include "common/listen_address.h"
#include "daemon/daemon.h"
#include "daemon/host_identity.h"
#include "generated/version.h"

namespace capmon {
namespace {

absl::StatusOr<std::optional<gid_t>> GroupOfSocket(const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto group = GroupNamed(name);
  if (!group.ok()) return group.status();
  return *group;
}

// Of the database and its journal, which has what is not in it yet.
uint64_t SizeOfStore(const std::string& database) {
  uint64_t bytes = 0;
  struct stat found = {};
  for (const char* const suffix : {"", "-wal"})
    if (!database.empty() && ::stat((database + suffix).c_str(), &found) == 0)
      bytes += static_cast<uint64_t>(found.st_size);
  return bytes;
}

}  // namespace

absl::Status Daemon::ListenForMetrics() {
  if (config_.metrics.empty()) return absl::OkStatus();
  const auto address = ParseListenAddress(config_.metrics);
  if (!address.ok())
    return absl::InvalidArgumentError(
        fmt::format("--metrics: {}", std::string(address.status().message())));
  const auto group = GroupOfSocket(config_.socket_group);
  if (!group.ok()) return group.status();
  auto listener = Listener::Open(*address, *group);
  if (!listener.ok()) return listener.status();
  metrics_listener_.emplace(*std::move(listener));
  if (!address->is_unix() && !HasNetwork())
    spdlog::warn(
        "capmond has no network here, so nothing outside of its namespace reaches {}; the "
        "installed unit needs the drop-in network.conf, see docs/metrics.md",
        config_.metrics);
  if (!address->is_unix() && !address->is_loopback)
    spdlog::warn("metrics at {} are open to everybody who reaches this address", config_.metrics);
  return absl::OkStatus();
}

absl::Status Daemon::ServeMetrics() {
  if (!metrics_listener_) return absl::OkStatus();
  auto metrics = MetricsServer::Start(*std::exchange(metrics_listener_, std::nullopt),
                                      [this] { return Measure(); });
  if (!metrics.ok()) return metrics.status();
  metrics_ = *std::move(metrics);
  spdlog::info("metrics are served at {}", Print(metrics_->address()));
  return absl::OkStatus();
}

// Runs on the thread of the metrics. Shows what the last tick read: a scrape makes the event loop
// do nothing.
MetricsSnapshot Daemon::Measure() {
  MetricsSnapshot snapshot;
  snapshot.version = CAPMON_VERSION;
  snapshot.status = monitor_->With([](Monitor& monitor) { return monitor.Status(); });
  snapshot.keeps = persistence_->layers();
  snapshot.health = WithStore(health_->State(), snapshot.keeps);
  snapshot.sources = inquiries_->layers();
  snapshot.counters = Counters();
  snapshot.alerts =
      raised_.With([](const std::map<std::string, uint64_t>& raised) { return raised; });
  snapshot.sinks = feed_->States();
  const Persistence::Writes writes = persistence_->writes();
  snapshot.store_bytes = SizeOfStore(writes.database);
  snapshot.store_writes = writes.done;
  snapshot.store_write_errors = writes.failed;
  snapshot.store_written = writes.last;
  snapshot.programs = source_->program_runs();
  snapshot.calls = server_->call_counts().finished();
  snapshot.calls_in_flight = server_->call_counts().in_flight();
  snapshot.refusals = server_->refusals();
  snapshot.process = ReadProcessFacts();
  return snapshot;
}

}  // namespace capmon
