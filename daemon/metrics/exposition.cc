// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/exposition.h"

#include <prometheus/text_serializer.h>

#include <utility>

#include "common/utf8.h"
#include "daemon/metrics/metric_table.h"

namespace capmon {
namespace {

prometheus::MetricFamily FamilyOf(const Metric& metric, const MetricsSnapshot& snapshot) {
  const bool counts = metric.kind == Metric::Kind::kCounter;
  prometheus::MetricFamily family{
      metric.name,
      metric.help,
      counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
      {}};
  const std::vector<std::string> labels = LabelsOf(metric);
  for (const Metric::Series& series : metric.values(snapshot)) {
    prometheus::ClientMetric& out = family.metric.emplace_back();
    for (size_t i = 0; i < labels.size(); ++i)
      out.label.push_back({labels[i], ToUtf8(series.labels.at(i))});
    (counts ? out.counter.value : out.gauge.value) = series.value;
  }
  return family;
}

}  // namespace

std::vector<prometheus::MetricFamily> StatusCollectable::Collect() const {
  const MetricsSnapshot snapshot = take_();
  std::vector<prometheus::MetricFamily> families;
  for (const Metric& metric : Metrics()) {
    prometheus::MetricFamily family = FamilyOf(metric, snapshot);
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  return families;
}

std::shared_ptr<const std::string> Exposition::Text(TimeNs now) {
  if (text_ == nullptr || now - taken_ >= kFresh) {
    text_ = std::make_shared<const std::string>(
        prometheus::TextSerializer().Serialize(collectable_.Collect()));
    taken_ = now;
  }
  return text_;
}

}  // namespace capmon
