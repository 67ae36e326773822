// SPDX-License-Identifier: Apache-2.0
// A real Prometheus scrapes a real capmond: every expression of deploy/prometheus returns data.
#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "daemon/metrics/metric_table.h"
#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/many_containers.h"
#include "tests/support/receivers.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

constexpr char kFolder[] = CAPMON_SOURCE_DIR "/deploy/prometheus/";

std::string InUrl(const std::string& text) {
  std::string all;
  for (const char c : text)
    absl::StrAppend(&all, "%", absl::BytesToHexString(absl::string_view(&c, 1)));
  return all;
}

class MetricsTest : public LiveTest {
 protected:
  MetricsTest() : LiveTest({"runc", "prometheus", "promtool"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    // The kernel counts runs of programs for as long as this is open; capmond does not ask for it.
    statistics_ = UniqueFd(::bpf_enable_stats(BPF_STATS_RUN_TIME));
    ASSERT_TRUE(statistics_) << "the kernel counts no runs of programs";
    StartCapmond();
    if (!HasFatalFailure()) StartPrometheus();
  }

  void StartCapmond() {
    ASSERT_TRUE(WriteFile(directory_ / "capmond.yaml",
                          absl::StrCat("metrics: 127.0.0.1:0\nsinks:\n  - {name: siem, type: file, "
                                       "path: ",
                                       directory_ / "alerts.jsonl", "}\n")));
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--config", directory_ / "capmond.yaml",
                                                          "--state-dir", directory_ / "state"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    capmond_.emplace(*std::move(daemon));
    const std::string place = capmond_->Json({"status"}).value("metrics", "");
    const std::string scheme = "http://", path = "/metrics";
    ASSERT_TRUE(place.starts_with(scheme) && place.ends_with(path)) << place;
    target_ = place.substr(scheme.size(), place.size() - scheme.size() - path.size());
  }
  // In place of the live one.
  void StartCapmondWithContainers(int count) {
    capmond_.reset();
    ASSERT_TRUE(WriteFile(directory_ / "recording", ManyContainers(count)));
    auto daemon = CapmonDaemon::Start(directory_.path(),
                                      {"--replay", directory_ / "recording", "--metrics", target_});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    capmond_.emplace(*std::move(daemon));
  }

  // With the files of deploy/prometheus: only the target, the times and the place of the rules
  // differ.
  void StartPrometheus() {
    std::string config = ReadFile(absl::StrCat(kFolder, "scrape.yml"));
    config = absl::StrReplaceAll(
        config, {{"127.0.0.1:9464", target_},
                 {"30s", "1s"},
                 {"/etc/prometheus/capmon-rules.yml", absl::StrCat(kFolder, "rules.yml")}});
    config += "global: {evaluation_interval: 1s}\n";
    ASSERT_TRUE(WriteFile(directory_ / "prometheus.yml", config));
    prometheus_address_ = *ParseListenAddress(absl::StrCat("127.0.0.1:", FreePort()));
    auto server =
        ChildProcess::Start({"prometheus", "--config.file=" + directory_ / "prometheus.yml",
                             "--storage.tsdb.path=" + directory_ / "data",
                             "--web.listen-address=" + Print(prometheus_address_)});
    ASSERT_TRUE(server.ok()) << server.status();
    prometheus_.emplace(*std::move(server));
    ASSERT_TRUE(Eventually([&] { return Count("count_over_time(capmon_healthy[5m]) >= 5") == 1; }))
        << prometheus_->err().substr(0, 4000);
  }

  json Get(const std::string& path) const {
    const std::string answer = HttpGet(prometheus_address_, path);
    const size_t end = answer.find("\r\n\r\n");
    return json::parse(end == answer.npos ? "" : answer.substr(end), nullptr, false);
  }
  json Query(const std::string& expression) const {
    return Get("/api/v1/query?query=" + InUrl(expression));
  }
  // How many series an expression returns; -1 for an error.
  int Count(const std::string& expression) const {
    const json answer = Query(expression);
    if (!answer.is_object() || answer.value("status", "") != "success") return -1;
    return static_cast<int>(answer["data"]["result"].size());
  }
  double Value(const std::string& expression) const {
    const json answer = Query(expression);
    if (!answer.is_object() || answer.value("status", "") != "success" ||
        answer["data"]["result"].size() != 1)
      return -1;
    return std::stod(answer["data"]["result"][0]["value"][1].get<std::string>());
  }

  const TempDir directory_;
  UniqueFd statistics_;
  std::optional<CapmonDaemon> capmond_;
  std::string target_;
  ListenAddress prometheus_address_;
  std::optional<ChildProcess> prometheus_;
};

// The expressions of the dashboard, with its variables as Grafana sets them.
std::vector<std::pair<std::string, std::string>> DashboardExpressions() {
  std::vector<std::pair<std::string, std::string>> all;
  const std::string text = ReadFile(absl::StrCat(kFolder, "dashboard.json"));
  const json dashboard = json::parse(text);
  for (const json& panel : dashboard.at("panels"))
    for (const json& target : panel.value("targets", json::array()))
      all.emplace_back(panel.at("title"),
                       absl::StrReplaceAll(target.at("expr").get<std::string>(),
                                           {{"$instance", ".*"}, {"$__rate_interval", "1m"}}));
  EXPECT_EQ(all.size(), std::vector<std::string>(absl::StrSplit(text, "\"expr\"")).size() - 1)
      << "a panel within another one";
  all.emplace_back("the choice of nodes", "capmon_build_info{instance=~\".+\"}");
  return all;
}

TEST_F(MetricsTest, EveryExpressionReturnsData) {
  if (!CanRun()) return;
  ASSERT_TRUE(MakeBusyboxRootfs(directory_ / "rootfs").ok());
  auto container = RuncContainer::Start({.rootfs = directory_ / "rootfs",
                                         .command = {"/bin/sh", "-c", "chown 1:1 /tmp; cat"},
                                         .capabilities = {"CAP_CHOWN"}});
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_TRUE(Eventually([&] {
    return Value("sum(capmon_containers{kind=\"container\",state=\"running\"})") >= 1 &&
           Value("capmon_checks_total{verdict=\"required\"}") >= 1;
  }));
  // The panel of the API shows methods that were called between two scrapes.
  const auto expressions = DashboardExpressions();
  EXPECT_GT(expressions.size(), 20u);
  for (const auto& [panel, expression] : expressions) {
    EXPECT_TRUE(Eventually([&] {
      if (panel == "API") (void)capmond_->Capmon({"status"});
      return Count(expression) > 0;
    })) << panel
        << ": " << expression << "\n"
        << Query(expression).dump(1);
  }

  // Alerts are quiet, but each metric of their expressions is there, and each is evaluated.
  const json rules = Get("/api/v1/rules");
  ASSERT_TRUE(rules.is_object()) << rules.dump();
  int seen = 0;
  const std::regex metric("\\b(capmon|process)_[a-z_]+[a-z]\\b|\\bup\\b");
  for (const json& group : rules["data"]["groups"])
    for (const json& rule : group["rules"]) {
      ++seen;
      const std::string name = rule.at("name"), query = rule.at("query");
      EXPECT_TRUE(Eventually([&] {
        const json now = Get("/api/v1/rules");  // outlives the loop
        for (const json& again : now["data"]["groups"][0]["rules"])
          if (again.at("name") == name && again.at("health") == "ok") return true;
        return false;
      })) << rule.dump(1);
      for (std::sregex_iterator at(query.begin(), query.end(), metric), end; at != end; ++at)
        EXPECT_GT(Count(at->str()), 0) << name << ": " << at->str();
      EXPECT_GE(Count(query), 0) << query;
    }
  EXPECT_GE(seen, 10);
  EXPECT_EQ(Value("up{job=\"capmon\"}"), 1);
}

TEST_F(MetricsTest, AreInTheBudgetAndFollowTheConventions) {
  if (!CanRun()) return;
  const std::string answer = HttpGet(*ParseListenAddress(target_), "/metrics");
  const size_t end = answer.find("\r\n\r\n");
  ASSERT_NE(end, answer.npos) << answer.substr(0, 200);
  ASSERT_TRUE(WriteFile(directory_ / "scrape", answer.substr(end + 4)));
  const Outcome checked =
      RunProgram({"/bin/sh", "-c", "promtool check metrics <\"$1\"", "sh", directory_ / "scrape"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.out + checked.err, "");

  const SeriesBudget budget = Budget();
  const double scraped = Value("scrape_samples_scraped{job=\"capmon\"}");
  EXPECT_GT(scraped, 50);
  EXPECT_LE(scraped, static_cast<double>(budget.fixed + budget.per_sink));
  EXPECT_EQ(Value("capmon_healthy"), 1);
  EXPECT_GT(Value("sum(capmon_checks_total)"), 0);
  EXPECT_GT(Value("sum(capmon_bpf_program_runs_total)"), 0);
  EXPECT_GT(Value("capmon_bpf_map_max_entries"), 1000);
  EXPECT_GT(Value("capmon_store_size_bytes"), 0);
  EXPECT_EQ(Value("capmon_sink_failing{sink=\"siem\"}"), 0);
}

TEST_F(MetricsTest, AThousandContainersAreInTheBudget) {
  if (!CanRun()) return;
  StartCapmondWithContainers(1000);
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_TRUE(Eventually(
      [&] { return Value("capmon_containers{kind=\"container\",state=\"running\"}") == 1000; }));
  const double scraped = Value("scrape_samples_scraped{job=\"capmon\"}");
  EXPECT_GT(scraped, 50);
  EXPECT_LE(scraped, static_cast<double>(Budget().fixed));
}

TEST_F(MetricsTest, AnEndedCapmondIsDown) {
  if (!CanRun()) return;
  const auto exit_code = capmond_->Stop();
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return Value("up{job=\"capmon\"}") == 0; }));
  EXPECT_TRUE(Eventually(
      [&] { return Count("ALERTS{alertname=\"CapmonDown\",alertstate=\"pending\"}") == 1; }));
}

}  // namespace
}  // namespace capmon
