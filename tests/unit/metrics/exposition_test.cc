// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <sstream>

#include "daemon/metrics/metric_table.h"
#include "tests/unit/metrics/full_snapshot.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

TEST(Exposition, HasHelpAndTypeOfEachMetric) {
  Exposition exposition([] { return FullSnapshot(3, 1); });
  const std::string text = *exposition.Text(kSecond);
  for (const Metric& metric : Metrics()) {
    EXPECT_THAT(text, HasSubstr(std::string("# HELP ") + metric.name + " " + metric.help + "\n"));
    EXPECT_THAT(text,
                HasSubstr(std::string("# TYPE ") + metric.name + " " +
                          (metric.kind == Metric::Kind::kCounter ? "counter" : "gauge") + "\n"));
  }
  EXPECT_THAT(text, HasSubstr("\ncapmon_containers{kind=\"container\",state=\"ended\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\ncapmon_healthy 1\n"));
  EXPECT_THAT(text, HasSubstr("capmon_build_info{version=\"1.2.3\",backend=\"tp_btf\","));
}

// However many scrapers there are, a snapshot is taken once a second.
TEST(Exposition, TakesOneSnapshotASecond) {
  int taken = 0;
  Exposition exposition([&] {
    ++taken;
    return MetricsSnapshot();
  });
  const auto first = exposition.Text(10 * kSecond);
  for (TimeNs at = 10 * kSecond; at < 11 * kSecond; at += kSecond / 10) exposition.Text(at);
  EXPECT_EQ(taken, 1);
  EXPECT_NE(exposition.Text(11 * kSecond), first);
  EXPECT_EQ(taken, 2);
}

TEST(Exposition, LabelsCannotBreakTheText) {
  MetricsSnapshot snapshot;
  snapshot.version = "1\"\n# TYPE x counter\\";
  snapshot.status.source.kernel = "6.18\xff";
  Exposition exposition([&] { return snapshot; });
  const std::string text = *exposition.Text(kSecond);
  EXPECT_THAT(text, HasSubstr("{version=\"1\\\"\\n# TYPE x counter\\\\\","));
  EXPECT_EQ(text.find('\xff'), text.npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.starts_with("#") || line.starts_with("capmon_") ||
                line.starts_with("process_"))
        << line;
}

// Says what a scrape costs; asserts nothing about it.
TEST(Exposition, PrintsItsCostAtAThousandContainers) {
  const MetricsSnapshot snapshot = FullSnapshot(1000, 3);
  Exposition exposition([&] { return snapshot; });
  constexpr int kRuns = 50;
  size_t bytes = 0;
  const auto started = std::chrono::steady_clock::now();
  for (int i = 1; i <= kRuns; ++i) bytes = exposition.Text(i * kSecond)->size();
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - started;
  std::cout << "the text of a scrape: " << bytes << " bytes in " << took.count() / kRuns << " us\n";
  EXPECT_GT(bytes, 0u);
}

}  // namespace
}  // namespace capmon
