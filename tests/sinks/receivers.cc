// SPDX-License-Identifier: Apache-2.0
#include "tests/sinks/receivers.h"

#include <gtest/gtest.h>

#include "generated/build_paths.h"
#include "tests/support/eventually.h"
#include "tests/support/sample_alerts.h"

namespace capmon {

std::string TestSource(const std::string& name) {
  return std::string(CAPMON_SOURCE_DIR) + "/tests/sinks/" + name;
}

std::vector<Alert> ManyAlerts(int count) {
  const std::vector<SampleAlert> samples = SampleAlerts();
  std::vector<Alert> alerts;
  for (int i = 0; i < count; ++i) {
    alerts.push_back(samples[static_cast<size_t>(i) % samples.size()].message.alert);
    alerts.back().event_id = "event-" + std::to_string(i + 1);
  }
  return alerts;
}

std::unique_ptr<Sink> OpenSink(const SinkSettings& settings, const std::string& directory) {
  auto sink = Sink::Open(settings, SampleSensor(), directory);
  EXPECT_TRUE(sink.ok()) << sink.status();
  return *std::move(sink);
}

void Deliver(Sink& sink, const std::vector<Alert>& alerts) {
  for (const Alert& alert : alerts) EXPECT_TRUE(sink.Put(alert));
  const absl::Status flushed = sink.Flush(std::chrono::seconds(60 * Patience()));
  EXPECT_TRUE(flushed.ok()) << flushed;
}

std::vector<std::string> ExpectedLines(const SinkSettings& settings,
                                       const std::vector<Alert>& alerts) {
  std::vector<std::string> lines;
  uint64_t sequence = 0;
  for (const Alert& alert : alerts) {
    const FeedMessage message{settings.name, ++sequence, AsStored(alert)};
    lines.push_back(EncodeAlert(settings.format, message, SampleSensor()));
  }
  return lines;
}

}  // namespace capmon
