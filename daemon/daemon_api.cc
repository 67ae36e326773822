// SPDX-License-Identifier: Apache-2.0
// The part of the daemon that serves clients.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "daemon/daemon.h"
#include "daemon/host_identity.h"

namespace capmon {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRefreshPatience(1000);
constexpr double kBurstSeconds = 10;  // of requests at the full rate

absl::StatusOr<Server::Options> ServerOptions(const Config& config) {
  Server::Options options;
  options.address = config.address;
  options.group = config.socket_group;
  auto operators = MembersNamed(config.operators, "--operators");
  if (!operators.ok()) return operators.status();
  options.access.operators = *std::move(operators);
  if (!config.viewers.empty()) {
    auto viewers = MembersNamed(config.viewers, "--viewers");
    if (!viewers.ok()) return viewers.status();
    options.access.viewers = *std::move(viewers);
  }
  options.listen = config.listen;
  options.tls.certificate = config.tls_cert;
  options.tls.key = config.tls_key;
  options.tls.client_ca = config.tls_client_ca;
  options.calls.per_second = config.requests_per_second;
  options.calls.burst = kBurstSeconds * options.calls.per_second;
  return options;
}

std::string PlaceOfMetrics(const std::optional<Listener>& listener) {
  if (!listener) return "";
  const ListenAddress& address = listener->address();
  if (address.is_unix()) return Print(address);
  return fmt::format("http://{}/metrics{}", Print(address),
                     address.is_loopback ? "" : ", open to everybody who reaches this address");
}

}  // namespace

absl::Status Daemon::ClaimSocket() {
  auto options = ServerOptions(config_);
  if (!options.ok()) return options.status();
  server_options_ = *std::move(options);
  files_to_remove_.TakeBackRunDirectory(config_);
  auto claim = Server::Claim(server_options_);
  if (claim.ok()) claim_.emplace(*std::move(claim));
  return claim.status();
}

absl::Status Daemon::Serve() {
  auto server = Server::Start(server_options_, *std::exchange(claim_, std::nullopt), Parts());
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  if (!config_.listen.empty()) spdlog::info("serves {} by TLS", config_.listen);
  return absl::OkStatus();
}

SinkAccess Daemon::SinksForApi() {
  return {[this] { return feed_->States(); },
          [this](const std::string& name) { return feed_->Test(name); },
          [this](const std::string& name, milliseconds patience) {
            return feed_->Flush(name, patience);
          },
          [this] { return feed_->Trouble(); },
          live_.file(),
          [this] { return live_.fault(); }};
}

ServiceContext Daemon::Parts() {
  return {*monitor_,
          alerts_,
          watched_,
          [this](const std::string& reference) { return Refresh(reference); },
          [this] { return inquiries_->layers(); },
          [this] { return WithStore(health_->State(), persistence_->layers()); },
          [this](std::vector<KernelEvent> events) { return requests_.Submit(std::move(events)); },
          [this] { return persistence_->layers(); },
          [this] { return Counters(); },
          {config_.cluster, NodeName(config_.node)},
          [](const std::string& change) { spdlog::info("{}", change); },
          SinksForApi(),
          PlaceOfMetrics(metrics_listener_)};
}

// Any thread.
std::map<std::string, uint64_t> Daemon::Counters() {
  std::map<std::string, uint64_t> counters = inquiries_->counters();
  if (alert_lines_) counters["alert_lines_dropped"] = alert_lines_->dropped();
  counters["alerts_dropped"] = feed_->dropped();
  counters["watched_seconds"] = static_cast<uint64_t>(call_watch_->watched() / kSecond);
  counters["watched_seconds_per_hour_at_most"] =
      static_cast<uint64_t>(config_.watch_budget_seconds);
  return counters;
}

// Runs on a thread of gRPC. Waits also for the files of recent execs.
bool Daemon::Refresh(const std::string& reference) {
  const auto read = [&] {
    if (reference.empty()) return loop_->RunTickNow(kRefreshPatience);
    const auto tick = [this, reference] {
      ReadCountersOf(reference);
      persistence_->Persist(*monitor_, *source_, /*at_once=*/false);  // as before every answer
    };
    return loop_->RunNow(tick, kRefreshPatience);
  };
  if (!read()) return false;
  inquiries_->AwaitFiles();
  return !inquiries_->HaveFiles() || read();
}

}  // namespace capmon
