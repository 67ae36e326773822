// SPDX-License-Identifier: Apache-2.0
// Metrics of the kernel side: the map of counters, the programs, watched system calls.
#include "daemon/metrics/metric_table.h"

namespace capmon {
namespace {

using enum Metric::Kind;

constexpr size_t kMostPrograms = 12;  // those that count, of one back end

// `value` of each program, without a series where the kernel does not count.
AllSeries ByProgram(const MetricsSnapshot& now, double (*value)(const ProgramRuns&)) {
  AllSeries all;
  for (const ProgramRuns& runs : now.programs) all.push_back({{runs.program}, value(runs)});
  return all;
}

}  // namespace

std::vector<Metric> KernelMetrics() {
  return {
      {"capmon_bpf_map_entries", kGauge, "Counters in use in the kernel", "", 1,
       [](const MetricsSnapshot& now) { return CounterOf(now.status.counters, "map_entries"); }},
      {"capmon_bpf_map_max_entries", kGauge, "Counters for which the kernel has room", "", 1,
       [](const MetricsSnapshot& now) { return CounterOf(now.status.counters, "map_capacity"); }},
      {"capmon_bpf_map_entries_freed_total", kCounter,
       "Counters of removed cgroups that were freed", "", 1,
       [](const MetricsSnapshot& now) { return CounterOf(now.status.counters, "map_freed"); }},
      {"capmon_bpf_program_run_seconds_total", kCounter,
       "Time in capmon's kernel programs; only while kernel.bpf_stats_enabled is 1", "program",
       kMostPrograms,
       [](const MetricsSnapshot& now) {
         return ByProgram(now, [](const ProgramRuns& runs) {
           return static_cast<double>(runs.nanoseconds) / static_cast<double>(kSecond);
         });
       }},
      {"capmon_bpf_program_runs_total", kCounter,
       "Runs of capmon's kernel programs; only while kernel.bpf_stats_enabled is 1", "program",
       kMostPrograms,
       [](const MetricsSnapshot& now) {
         return ByProgram(now,
                          [](const ProgramRuns& runs) { return static_cast<double>(runs.runs); });
       }},
      {"capmon_calls_watched", kGauge, "1 while all system calls of the host are watched", "", 1,
       [](const MetricsSnapshot& now) { return One(uint64_t{now.status.source.outcomes}); }},
      {"capmon_calls_watched_seconds_total", kCounter,
       "Time in which all system calls of the host were watched", "", 1,
       [](const MetricsSnapshot& now) { return CounterOf(now.counters, "watched_seconds"); }},
  };
}

}  // namespace capmon
