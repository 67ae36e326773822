// SPDX-License-Identifier: Apache-2.0
// Metrics of alerts, of their receivers, and of the API.
#include "daemon/alert/rules.h"
#include "daemon/metrics/metric_table.h"

namespace capmon {
namespace {

using enum Metric::Kind;

constexpr size_t kMostRules = 32;
constexpr size_t kRefusalCauses = 9;
constexpr std::string_view kApi = "api_";
constexpr size_t kMostCalls = 30 * 17;  // methods, and gRPC's codes

AllSeries Alerts(const MetricsSnapshot& now) {
  std::map<std::string, uint64_t> counts;
  for (const AlertRule& rule : AlertRules()) counts[rule.id] = 0;
  for (const auto& [rule, count] : now.alerts)
    if (counts.contains(rule)) counts[rule] = count;
  AllSeries all;
  for (const auto& [rule, count] : counts) all.push_back({{rule}, static_cast<double>(count)});
  return all;
}

template <auto kMember>
AllSeries OfSinks(const MetricsSnapshot& now) {
  AllSeries all;
  for (const SinkState& sink : now.sinks)
    all.push_back({{sink.name}, static_cast<double>(sink.*kMember)});
  return all;
}

AllSeries Dropped(const MetricsSnapshot& now) {
  AllSeries all;
  for (const SinkState& sink : now.sinks) {
    all.push_back({{sink.name, "queue"}, static_cast<double>(sink.dropped_queue)});
    all.push_back({{sink.name, "spool"}, static_cast<double>(sink.dropped_spool)});
  }
  return all;
}

AllSeries Failing(const MetricsSnapshot& now) {
  AllSeries all;
  for (const SinkState& sink : now.sinks)
    all.push_back({{sink.name}, sink.failing_since == 0 ? 0.0 : 1.0});
  return all;
}

AllSeries LastDelivered(const MetricsSnapshot& now) {
  AllSeries all;
  for (const SinkState& sink : now.sinks)
    if (sink.last_delivered != 0)
      all.push_back({{sink.name}, Timestamp(sink.last_delivered).front().value});
  return all;
}

std::vector<Metric> SinkMetrics() {
  return {
      {"capmon_sink_accepted_total", kCounter, "Alerts that the sink's filters let through", "sink",
       1, OfSinks<&SinkState::accepted>},
      {"capmon_sink_delivered_total", kCounter, "Alerts that the receiver took", "sink", 1,
       OfSinks<&SinkState::delivered>},
      {"capmon_sink_refused_total", kCounter, "Alerts that the receiver rejected for good", "sink",
       1, OfSinks<&SinkState::refused>},
      {"capmon_sink_dropped_total", kCounter, "Alerts lost because the queue or the spool was full",
       "sink place", 2, Dropped},
      {"capmon_sink_retries_total", kCounter, "Deliveries that were tried again", "sink", 1,
       OfSinks<&SinkState::retries>},
      {"capmon_sink_waiting_alerts", kGauge, "Alerts that wait for the receiver", "sink", 1,
       OfSinks<&SinkState::spooled>},
      {"capmon_sink_waiting_bytes", kGauge, "Size of the alerts that wait", "sink", 1,
       OfSinks<&SinkState::spooled_bytes>},
      {"capmon_sink_failing", kGauge, "1 while deliveries fail", "sink", 1, Failing},
      {"capmon_sink_last_delivery_timestamp_seconds", kGauge,
       "When the receiver last took an alert; no series before the first", "sink", 1,
       LastDelivered},
  };
}

}  // namespace

std::vector<Metric> DeliveryMetrics() {
  std::vector<Metric> metrics = {
      {"capmon_alerts_total", kCounter,
       "New findings since the start, by rule (docs/alert-rules.md)", "rule", kMostRules, Alerts},
      {"capmon_alerts_held_back_total", kCounter, "Alerts that the limits held back", "", 1,
       [](const MetricsSnapshot& now) {
         return CounterOf(now.status.counters, "held_back_alerts");
       }},
      {"capmon_alerts_dropped_total", kCounter, "Alerts lost before they reached any sink", "", 1,
       [](const MetricsSnapshot& now) { return CounterOf(now.counters, "alerts_dropped"); }},
      {"capmon_checks_excepted_total", kCounter,
       "Checks whose alerts an exception of the settings suppressed", "", 1,
       [](const MetricsSnapshot& now) {
         return CounterOf(now.status.counters, "excepted_checks");
       }},
  };
  for (Metric& metric : SinkMetrics()) metrics.push_back(metric);
  metrics.push_back(
      {"capmon_api_requests_total", kCounter,
       "Finished calls of the API; method is \"other\" for those that are not capmon's",
       "method code", kMostCalls, [](const MetricsSnapshot& now) {
         AllSeries all;
         for (const auto& [call, count] : now.calls)
           all.push_back({{call.first, call.second}, static_cast<double>(count)});
         return all;
       }});
  metrics.push_back({"capmon_api_requests_in_flight", kGauge,
                     "Calls of the API that run now, streams included", "", 1,
                     [](const MetricsSnapshot& now) { return One(now.calls_in_flight); }});
  metrics.push_back({"capmon_api_refusals_total", kCounter,
                     "Calls and connections that a limit or a missing role refused or ended, by "
                     "cause (docs/access.md)",
                     "cause", kRefusalCauses, [](const MetricsSnapshot& now) {
                       AllSeries all;
                       for (const auto& [cause, count] : now.refusals)
                         all.push_back({{cause.substr(kApi.size())}, static_cast<double>(count)});
                       return all;
                     }});
  metrics.push_back({"capmon_scrapes_ended_total", kCounter,
                     "Connections to the metrics that were ended because of their number or time",
                     "", 1, [](const MetricsSnapshot& now) { return One(now.scrapes_ended); }});
  return metrics;
}

}  // namespace capmon
