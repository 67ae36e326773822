// SPDX-License-Identifier: Apache-2.0
// sink_feeder DIRECTORY URL FROM TO RATE: puts numbered alerts into a sink with a spool in
// DIRECTORY, RATE a second, prints the number of each that is surely on disk, then waits to be
// killed.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "daemon/sink/sink.h"
#include "tests/support/sample_alerts.h"

int main(int argc, char** argv) {
  using namespace capmon;
  if (argc != 6) return 2;
  SinkSettings settings;
  settings.name = "siem";
  HttpTarget target;
  target.preset = HttpTarget::Preset::kElastic;
  target.url = argv[2];
  settings.target = target;
  settings.queue = 1 << 16;
  settings.spool.max_bytes = uint64_t{4} << 30;  // the default is 64 MiB: about 25,000 such alerts
  settings.spool.max_messages = 1'000'000;
  auto sink = Sink::Open(settings, SampleSensor(), argv[1]);
  if (!sink.ok()) {
    std::fprintf(stderr, "%s\n", sink.status().ToString().c_str());
    return 1;
  }
  const uint64_t before = (*sink)->State().spooled;
  const Alert sample = SampleAlerts()[0].message.alert;
  const auto start = std::chrono::steady_clock::now();
  const int from = std::atoi(argv[3]), to = std::atoi(argv[4]), rate = std::atoi(argv[5]);
  for (int i = from; i <= to; ++i) {
    Alert alert = sample;
    alert.event_id = "event-" + std::to_string(i);
    if (!(*sink)->Put(alert)) return 1;
    std::this_thread::sleep_until(start +
                                  std::chrono::microseconds(1'000'000LL / rate) * (i - from));
  }
  // Accepted is not yet on disk: waits until the sink holds or has delivered all.
  while (true) {
    const SinkState state = (*sink)->State();
    if (state.spooled + state.delivered >= before + static_cast<uint64_t>(to - from + 1)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::printf("put %d to %d\n", from, to);
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::hours(1));
}
