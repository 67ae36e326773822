// SPDX-License-Identifier: Apache-2.0
// The table of metrics: names by Prometheus' conventions, a bound of series that does not depend on
// containers, and docs/metrics.md. Write the document anew with
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_metrics --gtest_filter='*Document*'
#include "daemon/metrics/metric_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <set>

#include "daemon/alert/rules.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/metrics/full_snapshot.h"

namespace capmon {
namespace {

constexpr char kDocument[] = CAPMON_SOURCE_DIR "/docs/metrics.md";

TEST(MetricTable, NamesFollowTheConventions) {
  const std::regex name("(capmon|process)(_[a-z]+)+"), label("[a-z]+");
  std::set<std::string> names;
  for (const Metric& metric : Metrics()) {
    SCOPED_TRACE(metric.name);
    EXPECT_TRUE(std::regex_match(metric.name, name));
    EXPECT_TRUE(names.insert(metric.name).second);
    EXPECT_EQ(std::string_view(metric.name).ends_with("_total"),
              metric.kind == Metric::Kind::kCounter);
    const std::string_view help = metric.help;
    EXPECT_FALSE(help.empty());
    EXPECT_FALSE(help.ends_with('.'));
    EXPECT_EQ(help.find('|'), help.npos);
    EXPECT_GT(metric.most, 0u);
    for (const std::string& one : LabelsOf(metric)) EXPECT_TRUE(std::regex_match(one, label));
  }
}

// Counts the series of each metric, and checks that they are distinct and have all labels.
std::map<std::string, size_t> SeriesOf(const MetricsSnapshot& snapshot) {
  std::map<std::string, size_t> counts;
  for (const Metric& metric : Metrics()) {
    std::set<std::vector<std::string>> distinct;
    for (const Metric::Series& series : metric.values(snapshot)) {
      EXPECT_EQ(series.labels.size(), LabelsOf(metric).size()) << metric.name;
      EXPECT_TRUE(distinct.insert(series.labels).second) << metric.name;
      for (const std::string& value : series.labels)
        EXPECT_EQ(value.find(kContainerWord), value.npos) << metric.name;
    }
    counts[metric.name] = distinct.size();
  }
  return counts;
}

TEST(MetricTable, AThousandContainersHaveTheSeriesOfTen) {
  constexpr int kSinks = 3;
  const MetricsSnapshot thousand = FullSnapshot(1000, kSinks);
  EXPECT_EQ(thousand.status.running.at(ContainerKind::kContainer), 500u);
  EXPECT_EQ(thousand.status.ended.at(ContainerKind::kContainer), 500u);
  const auto many = SeriesOf(thousand);
  EXPECT_EQ(many, SeriesOf(FullSnapshot(10, kSinks)));
  size_t all = 0;
  for (const Metric& metric : Metrics()) {
    const size_t count = many.at(metric.name);
    EXPECT_GT(count, 0u) << metric.name << " has no series though the snapshot has all";
    EXPECT_LE(count, metric.most * (IsPerSink(metric) ? kSinks : 1)) << metric.name;
    all += count;
  }
  const SeriesBudget budget = Budget();
  EXPECT_LE(all, budget.fixed + kSinks * budget.per_sink);
  // What docs/metrics.md promises; whoever raises it should know.
  EXPECT_LE(budget.fixed, 700u);
  EXPECT_LE(budget.per_sink, 10u);
}

TEST(MetricTable, FixedLabelsFitIntoTheirBounds) {
  const auto counts = SeriesOf(FullSnapshot(10, 0));
  for (const Metric& metric : Metrics())
    EXPECT_LE(counts.at(metric.name), metric.most) << metric.name;
  EXPECT_EQ(counts.at("capmon_alerts_total"), AlertRules().size())
      << "a rule that does not exist is no series";
}

double ValueOf(const MetricsSnapshot& snapshot, const std::string& name,
               const std::vector<std::string>& labels) {
  for (const Metric& metric : Metrics())
    if (name == metric.name)
      for (const Metric::Series& series : metric.values(snapshot))
        if (series.labels == labels) return series.value;
  ADD_FAILURE() << "there is no such series of " << name;
  return -1;
}

TEST(MetricTable, ValuesAreThoseOfTheSnapshot) {
  const MetricsSnapshot snapshot = FullSnapshot(10, 1);
  double checks = 0;
  for (const VerdictTraits& traits : kVerdicts)
    checks += ValueOf(snapshot, "capmon_checks_total", {traits.name});
  EXPECT_EQ(checks, 10);
  EXPECT_EQ(ValueOf(snapshot, "capmon_losses_total", {"detail", "ring-check"}), 10);
  EXPECT_EQ(ValueOf(snapshot, "capmon_losses_total", {"check", "map-full"}), 0);
  EXPECT_EQ(ValueOf(snapshot, "capmon_containers", {"container", "running"}), 5);
  EXPECT_EQ(ValueOf(snapshot, "capmon_sources", {"docker", "ok"}), 1);
  EXPECT_EQ(ValueOf(snapshot, "capmon_sources", {"docker", "failing"}), 0);
  EXPECT_EQ(ValueOf(snapshot, "capmon_sources", {"docker /run/7", "failing"}), 1);
  EXPECT_EQ(ValueOf(snapshot, "capmon_sources", {"docker /run/7", "ok"}), 0);
  EXPECT_EQ(ValueOf(snapshot, "capmon_persistence", {"pins", "failing"}), 1);
  EXPECT_EQ(ValueOf(snapshot, "capmon_bpf_program_run_seconds_total", {"on_exec"}), 2.5);
  EXPECT_EQ(ValueOf(snapshot, "capmon_sink_dropped_total", {"sink0", "queue"}), 1);
  EXPECT_EQ(ValueOf(snapshot, "capmon_api_requests_total", {"GetStatus", "OK"}), 3);
  EXPECT_EQ(ValueOf(snapshot, "capmon_alerts_total", {"CM001"}), 2);
  EXPECT_GT(ValueOf(snapshot, "process_resident_memory_bytes", {}), 1e6);
  EXPECT_GT(ValueOf(snapshot, "process_start_time_seconds", {}), 1.6e9);
  EXPECT_GE(ValueOf(snapshot, "process_threads", {}), 1);
  EXPECT_GE(ValueOf(snapshot, "process_open_fds", {}), 3);
}

// A cause of losses of a later version is one series, whatever its name.
TEST(MetricTable, UnknownLossesAreCountedTogether) {
  MetricsSnapshot snapshot;
  snapshot.status.lost = {{"new-cause", 2}, {"another", 3}};
  EXPECT_EQ(ValueOf(snapshot, "capmon_losses_total", {"check", "unknown"}), 5);
}

// Without a store, a live kernel, sinks or health there are no series about them.
TEST(MetricTable, WhatIsNotThereHasNoSeries) {
  const auto counts = SeriesOf(MetricsSnapshot());
  for (const char* const name :
       {"capmon_store_size_bytes", "capmon_store_last_write_timestamp_seconds",
        "capmon_own_check_timestamp_seconds", "capmon_bpf_program_runs_total",
        "capmon_sink_delivered_total", "capmon_files_unread_total"})
    EXPECT_EQ(counts.at(name), 0u) << name;
  EXPECT_GT(counts.at("capmon_checks_total"), 0u);
}

TEST(MetricTable, TheDocumentHasEveryMetric) {
  const std::string text = ReadFile(kDocument);
  const std::string begin = "<!-- metrics -->\n", end = "<!-- end of metrics -->\n";
  const size_t from = text.find(begin), to = text.find(end);
  ASSERT_TRUE(from != text.npos && to != text.npos);
  const size_t start = from + begin.size();
  EXPECT_EQ(text.substr(start, to - start), MetricsAsMarkdown());
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr)
    WriteFile(kDocument, text.substr(0, start) + MetricsAsMarkdown() + text.substr(to));
}

}  // namespace
}  // namespace capmon
