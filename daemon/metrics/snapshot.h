// SPDX-License-Identifier: Apache-2.0
// All that the metrics show, at one moment: what `capmon status` knows, and counts of the process.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/health.h"
#include "daemon/model/layer.h"
#include "daemon/model/program_runs.h"
#include "daemon/monitor.h"
#include "daemon/sink/sink.h"

namespace capmon {

// This process, as /proc/self shows it.
struct ProcessFacts {
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t open_fds = 0;
  uint64_t max_fds = 0;
  uint64_t threads = 0;
  double started = 0;  // seconds since 1970
};

ProcessFacts ReadProcessFacts();

struct MetricsSnapshot {
  std::string version;
  MonitorStatus status;
  HealthState health;
  std::vector<Layer> sources;
  std::vector<Layer> keeps;
  std::map<std::string, uint64_t>
      counters;                            // from outside the monitor, as `capmon status` has them
  std::map<std::string, uint64_t> alerts;  // new findings by rule
  std::vector<SinkState> sinks;
  uint64_t store_bytes = 0;  // 0: there is no store
  uint64_t store_writes = 0;
  uint64_t store_write_errors = 0;
  TimeNs store_written = 0;  // 0: never
  std::vector<ProgramRuns> programs;
  // Finished calls of the API by method and code: {"GetStatus", "OK"}.
  std::map<std::pair<std::string, std::string>, uint64_t> calls;
  uint64_t calls_in_flight = 0;
  ProcessFacts process;
  std::map<std::string, uint64_t> refusals;  // of the API by cause: {"api_refused_role", 0}
  uint64_t scrapes_ended = 0;                // connections of the metrics that were ended
};

}  // namespace capmon
