// SPDX-License-Identifier: Apache-2.0
// `capmon watch` and `capmon alerts`: print one line for each item, without buffering.
#include <ctime>
#include <functional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/commands.h"
#include "client/commands/document.h"
#include "client/commands/interrupt.h"
#include "client/commands/since.h"
#include "client/render/stream.h"
#include "client/rpc/daemon.h"
#include "client/rpc/reference.h"

namespace capmon {
namespace {

void TellOfLosses(uint64_t dropped, const char* what) {
  if (dropped > 0)
    PrintError(
        absl::StrCat(Grouped(dropped), " ", what, " were lost here: this client reads too slowly"));
}

// Prints one line per item. Prints the titles with the first item, because until then the request
// can fail.
template <typename Item>
class Lines {
 public:
  using Titles = void (*)(std::ostream&, const Settings&);
  using Row = void (*)(std::ostream&, const Item&, const Settings&);
  Lines(const Settings& settings, Titles titles, Row row)
      : settings_(settings), titles_(titles), row_(row) {}

  absl::Status PrintTitles() {
    if (settings_.document() || std::exchange(titled_, true)) return absl::OkStatus();
    std::ostringstream out;
    titles_(out, settings_);
    return Print(out.str());
  }
  absl::Status PrintItem(const Item& item) {
    if (settings_.document()) {
      const auto document = SerializeItem(item, settings_.format);
      return document.ok() ? Print(*document) : document.status();
    }
    if (absl::Status status = PrintTitles(); !status.ok()) return status;
    std::ostringstream out;
    row_(out, item, settings_);
    return Print(out.str());
  }

 private:
  const Settings& settings_;
  const Titles titles_;
  const Row row_;
  bool titled_ = false;
};

// Returns the stored alerts; capmond has them in the order in which they were raised.
absl::StatusOr<std::vector<v1::Alert>> PastAlerts(Daemon& daemon, v1::WatchAlertsRequest request) {
  std::vector<v1::Alert> alerts;
  request.set_past_only(true);
  const std::function<absl::Status(const v1::Alert&)> add = [&](const v1::Alert& alert) {
    TellOfLosses(alert.dropped(), "alerts");
    alerts.push_back(alert);
    return absl::OkStatus();
  };
  if (absl::Status status = daemon.Follow(&Daemon::Stub::WatchAlerts, request, add); !status.ok())
    return status;
  SortByTime(alerts);
  return alerts;
}

// Prints alerts as one document; no message of the API has all of them.
absl::Status PrintAlertDocument(const std::vector<v1::Alert>& past, OutputFormat format) {
  auto alerts = nlohmann::ordered_json::array();
  for (const v1::Alert& alert : past) {
    const auto json = Serialize(alert, Format::kJson);
    if (!json.ok()) return json.status();
    alerts.push_back(nlohmann::ordered_json::parse(*json));
  }
  return PrintDocument({{"alerts", std::move(alerts)}}, format);
}

// What distinguishes one publication of an alert from all others.
std::string PublicationOf(const v1::Alert& alert) {
  return absl::StrCat(alert.id(), " ", alert.event_id(), " ", alert.count(), " ",
                      alert.last().seconds(), " ", alert.last().nanos());
}

// Prints what is raised from now on, and what was raised since `past` was read.
absl::Status FollowAlerts(Daemon& daemon, const v1::WatchAlertsRequest& request,
                          const std::vector<v1::Alert>& past, Lines<v1::Alert>& lines) {
  std::set<std::string> printed;
  for (const v1::Alert& alert : past) printed.insert(PublicationOf(alert));
  const std::function<absl::Status(const v1::Alert&)> take = [&](const v1::Alert& alert) {
    TellOfLosses(alert.dropped(), "alerts");
    return printed.erase(PublicationOf(alert)) > 0 ? absl::OkStatus() : lines.PrintItem(alert);
  };
  return daemon.Follow(&Daemon::Stub::WatchAlerts, request, take);
}

absl::Status SetFilter(const AlertOptions& options, v1::WatchAlertsRequest& request) {
  request.set_severity(options.severity);
  request.set_workload(options.workload);
  request.set_rule(options.rule);
  request.set_container(options.container);
  if (options.since.empty()) return absl::OkStatus();
  const auto since = ParseSince(options.since, std::time(nullptr));
  if (!since.ok()) return since.status();
  request.mutable_since()->set_seconds(*since);
  return absl::OkStatus();
}

}  // namespace

absl::Status Watch(const Settings& settings, const std::string& reference, bool include_noise) {
  EndQuietlyWhenInterrupted();
  v1::WatchEventsRequest request;
  request.set_include_noise(include_noise);
  if (!reference.empty()) {
    const auto container = ResolveReference(reference);
    if (!container.ok()) return container.status();
    request.set_container(*container);
  }
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  Lines<v1::Event> lines(settings, RenderEventTitles, RenderEvent);
  const std::function<absl::Status(const v1::Event&)> take = [&](const v1::Event& event) {
    TellOfLosses(event.dropped(), "events");
    return lines.PrintItem(event);
  };
  return daemon->Follow(&Daemon::Stub::WatchEvents, request, take);
}

absl::Status Alerts(const Settings& settings, const AlertOptions& options) {
  EndQuietlyWhenInterrupted();
  v1::WatchAlertsRequest request;
  if (absl::Status status = SetFilter(options, request); !status.ok()) return status;
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  request.set_include_past(true);
  const auto past = PastAlerts(*daemon, request);
  if (!past.ok()) return past.status();
  if (!options.follow && settings.document() && settings.format != Format::kJsonLines)
    return PrintAlertDocument(*past, settings.format);
  Lines<v1::Alert> lines(settings, RenderAlertTitles, RenderAlert);
  for (const v1::Alert& alert : *past)
    if (absl::Status status = lines.PrintItem(alert); !status.ok()) return status;
  const absl::Status status =
      options.follow ? FollowAlerts(*daemon, request, *past, lines) : absl::OkStatus();
  return status.ok() ? lines.PrintTitles() : status;
}

}  // namespace capmon
