// SPDX-License-Identifier: Apache-2.0
// Metrics of the process, under the names that every exporter uses.
#include "daemon/metrics/metric_table.h"

namespace capmon {

std::vector<Metric> ProcessMetrics() {
  using enum Metric::Kind;
  return {
      {"capmon_build_info", kGauge, "1; its labels say what runs", "version backend kernel", 1,
       [](const MetricsSnapshot& now) {
         return AllSeries{
             {{now.version, now.status.source.backend, now.status.source.kernel}, 1.0}};
       }},
      {"process_cpu_seconds_total", kCounter, "Processor time of capmond", "", 1,
       [](const MetricsSnapshot& now) { return One(now.process.cpu_seconds); }},
      {"process_resident_memory_bytes", kGauge, "Resident memory of capmond", "", 1,
       [](const MetricsSnapshot& now) { return One(now.process.resident_bytes); }},
      {"process_virtual_memory_bytes", kGauge, "Virtual memory of capmond", "", 1,
       [](const MetricsSnapshot& now) { return One(now.process.virtual_bytes); }},
      {"process_threads", kGauge, "Threads of capmond", "", 1,
       [](const MetricsSnapshot& now) { return One(now.process.threads); }},
      {"process_open_fds", kGauge, "Open file descriptors of capmond", "", 1,
       [](const MetricsSnapshot& now) { return One(now.process.open_fds); }},
      {"process_max_fds", kGauge, "The most file descriptors that capmond may open", "", 1,
       [](const MetricsSnapshot& now) { return One(now.process.max_fds); }},
      {"process_start_time_seconds", kGauge, "When capmond was started", "", 1,
       [](const MetricsSnapshot& now) { return One(now.process.started); }},
  };
}

}  // namespace capmon
