// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/metric_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace capmon {

const std::vector<Metric>& Metrics() {
  static const auto& kMetrics = *[] {
    auto* const all = new std::vector<Metric>(EvidenceMetrics());
    for (auto part : {KernelMetrics(), DeliveryMetrics(), ProcessMetrics()})
      std::ranges::move(part, std::back_inserter(*all));
    return all;
  }();
  return kMetrics;
}

std::vector<std::string> LabelsOf(const Metric& metric) {
  return absl::StrSplit(metric.labels, ' ', absl::SkipEmpty());
}

bool IsPerSink(const Metric& metric) {
  return std::ranges::count(LabelsOf(metric), std::string("sink")) > 0;
}

SeriesBudget Budget() {
  SeriesBudget budget;
  for (const Metric& metric : Metrics())
    (IsPerSink(metric) ? budget.per_sink : budget.fixed) += metric.most;
  return budget;
}

std::string MetricsAsMarkdown() {
  std::string text =
      "| metric | type | labels | series at most | meaning |\n|---|---|---|---|---|\n";
  for (const Metric& metric : Metrics()) {
    std::vector<std::string> labels = LabelsOf(metric);
    for (std::string& label : labels) label = absl::StrCat("`", label, "`");
    absl::StrAppend(&text, "| `", metric.name, "` | ",
                    metric.kind == Metric::Kind::kCounter ? "counter" : "gauge", " | ",
                    absl::StrJoin(labels, ", "), " | ", metric.most,
                    IsPerSink(metric) ? " per sink" : "", " | ", metric.help, " |\n");
  }
  const SeriesBudget budget = Budget();
  absl::StrAppend(&text, "\nAll together at most **", budget.fixed, "** series, and **",
                  budget.per_sink, "** for each sink of alerts.\n");
  return text;
}

AllSeries Timestamp(TimeNs time) {
  if (time == 0) return {};
  return One(static_cast<double>(time) / static_cast<double>(kSecond));
}

AllSeries CounterOf(const std::map<std::string, uint64_t>& counters, const std::string& name) {
  const auto found = counters.find(name);
  return found == counters.end() ? AllSeries() : One(found->second);
}

AllSeries StatesOf(const std::vector<Layer>& layers, std::vector<std::string> names) {
  for (const Layer& layer : layers)
    if (layer.name.find(' ') != layer.name.npos) names.push_back(layer.name);
  AllSeries all;
  for (const std::string& name : names)
    for (const std::string state : {"ok", "absent", "failing"}) {
      const auto in_state = std::ranges::count_if(
          layers, [&](const Layer& layer) { return layer.name == name && layer.state == state; });
      all.push_back({{name, state}, static_cast<double>(in_state)});
    }
  return all;
}

}  // namespace capmon
