// SPDX-License-Identifier: Apache-2.0
// The one table of metrics: name, meaning, labels, how many series there can be, and the values of
// a snapshot. docs/metrics.md follows from it. No label has the name of a container, an image or a
// user, so the number of series has a bound.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/metrics/snapshot.h"

namespace capmon {

struct Metric {
  enum class Kind { kCounter, kGauge };
  // One series: the values of the labels, in their order, and its value.
  struct Series {
    std::vector<std::string> labels;
    double value = 0;
  };
  using Values = std::vector<Series> (*)(const MetricsSnapshot&);

  const char* name;
  Kind kind;
  const char* help;    // one sentence without its period
  const char* labels;  // separated by blanks; "" for none
  size_t most;         // series; for each sink, if `sink` is a label
  Values values;
};

// In the order of the document.
const std::vector<Metric>& Metrics();

// The parts of the table.
std::vector<Metric> EvidenceMetrics();
std::vector<Metric> KernelMetrics();
std::vector<Metric> DeliveryMetrics();
std::vector<Metric> ProcessMetrics();

std::vector<std::string> LabelsOf(const Metric& metric);
bool IsPerSink(const Metric& metric);

// The most series that capmond can have: without sinks, and for each sink.
struct SeriesBudget {
  size_t fixed = 0, per_sink = 0;
};
SeriesBudget Budget();

// The table as docs/metrics.md has it.
std::string MetricsAsMarkdown();

// For the parts of the table.
using AllSeries = std::vector<Metric::Series>;
inline AllSeries One(double value) { return {{{}, value}}; }
inline AllSeries One(uint64_t value) { return One(static_cast<double>(value)); }
// A time in seconds; no series for 0, which means never.
AllSeries Timestamp(TimeNs time);
// A counter that `capmon status` has; no series if it has not.
AllSeries CounterOf(const std::map<std::string, uint64_t>& counters, const std::string& name);
// One series for each name and state: how many of the layers are in that state. Names of two words
// are added: "docker /run/docker.sock" is one of several sockets.
AllSeries StatesOf(const std::vector<Layer>& layers, std::vector<std::string> names);

}  // namespace capmon
