// SPDX-License-Identifier: Apache-2.0
// Rules for alerts, with real programs in real containers: the hijack of a container's network,
// each way out of a container, and one that floods.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

// Docker's default set.
const std::vector<std::string> kDefault = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
    "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
    "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_KILL",    "CAP_AUDIT_WRITE"};

class AlertRulesTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs()).ok());
    ASSERT_TRUE(
        std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/ways_out", rootfs() + "/bin/ways_out"));
    StartDaemon();
  }
  void StartDaemon() {
    auto daemon = CapmonDaemon::Start(directory_.path(),
                                      {"--state-dir", directory_ / "state", "--pin-dir", "none"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }
  std::string rootfs() const { return directory_ / "rootfs"; }

  // A shell that starts the program after a line of input: not in its own process, which would be
  // the container's entry point.
  absl::StatusOr<RuncContainer> StartShell(const std::string& words,
                                           const std::vector<std::string>& capabilities) const {
    return RuncContainer::Start(
        {.rootfs = rootfs(),
         .command = {"/bin/sh", "-c", "read line; /bin/ways_out " + words + "; exit $?"},
         .capabilities = capabilities});
  }
  std::vector<json> Alerts(std::vector<std::string> filter) const {
    filter.insert(filter.begin(), {"alerts", "-o", "jsonl"});
    const Outcome asked = daemon_->Capmon(filter);
    EXPECT_EQ(asked.exit_code, 0) << asked.err;
    std::vector<json> alerts;
    std::istringstream lines(asked.out);
    for (std::string line; std::getline(lines, line);) alerts.push_back(json::parse(line));
    return alerts;
  }
  // Runs the program in a container, and returns the alerts of a rule once there are some.
  std::vector<json> AlertsOf(const std::string& words, const std::vector<std::string>& capabilities,
                             const std::string& rule) {
    auto container = StartShell(words, capabilities);
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return {};
    EXPECT_TRUE(container->process().WriteLine("go on"));
    EXPECT_TRUE(container->process().Wait().ok());
    id_ = container->id();
    unsupported_ = container->process().out().find("not implemented") != std::string::npos;
    if (unsupported_) return {};
    std::vector<json> alerts;
    EXPECT_TRUE(Eventually([&] {
      alerts = Alerts({"--container", id_, "--rule", rule});
      return !alerts.empty();
    })) << rule
        << json(Alerts({})).dump(1);
    return alerts;
  }
  static std::set<std::string> Techniques(const json& alert) {
    std::set<std::string> ids;
    for (const json& technique : alert.at("techniques")) ids.insert(technique.at("id"));
    return ids;
  }

  TempDir directory_;
  std::optional<CapmonDaemon> daemon_;
  std::string id_;
  bool unsupported_ = false;  // by this kernel: no modules, no I/O ports
};

TEST_F(AlertRulesTest, TheHijackOfAContainersNetwork) {
  const std::vector<json> alerts = AlertsOf("packet", kDefault, "CM010");
  ASSERT_EQ(alerts.size(), 1u);
  const json& alert = alerts[0];
  EXPECT_EQ(alert.at("kind"), "new_capability");
  EXPECT_EQ(alert.at("capability"), "CAP_NET_RAW");
  EXPECT_EQ(alert.at("decision"), "granted");
  EXPECT_EQ(alert.at("syscall"), "socket");
  EXPECT_EQ(alert.at("binary"), "/bin/ways_out");
  EXPECT_EQ(alert.at("verdict"), "required");
  EXPECT_EQ(alert.at("container").at("id"), id_);
  EXPECT_EQ(alert.at("next"), "capmon explain " + id_.substr(0, 12) + " NET_RAW");
  EXPECT_TRUE(Techniques(alert).contains("T1040")) << alert.dump(1);
}

TEST_F(AlertRulesTest, TheHijackDeniedWithoutTheCapability) {
  std::vector<std::string> fewer = kDefault;
  std::erase(fewer, "CAP_NET_RAW");
  const std::vector<json> alerts = AlertsOf("packet", fewer, "CM004");
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].at("kind"), "denied_capability");
  EXPECT_EQ(alerts[0].at("capability"), "CAP_NET_RAW");
  EXPECT_EQ(alerts[0].at("decision"), "denied");
  EXPECT_TRUE(Techniques(alerts[0]).contains("T1040"));
  EXPECT_TRUE(Alerts({"--container", id_, "--rule", "CM010"}).empty());
}

TEST_F(AlertRulesTest, EachWayOutHasItsRule) {
  const struct {
    const char* words;
    const char* capability;
    const char* rule;
    const char* syscall;
  } kWays[] = {{"mount", "CAP_SYS_ADMIN", "CM011", "mount"},
               {"module", "CAP_SYS_MODULE", "CM012", "init_module"},
               {"trace", "CAP_SYS_PTRACE", "CM013", "ptrace"},
               {"handle", "CAP_DAC_READ_SEARCH", "CM014", "open_by_handle_at"},
               {"ports", "CAP_SYS_RAWIO", "CM015", "ioperm"},
               {"bpf", "CAP_BPF", "CM016", "bpf"}};
  for (const auto& way : kWays) {
    const std::vector<json> alerts = AlertsOf(way.words, {way.capability, "CAP_SETUID"}, way.rule);
    if (unsupported_) continue;
    ASSERT_FALSE(alerts.empty()) << way.words;
    EXPECT_EQ(alerts[0].at("capability"), way.capability);
    EXPECT_EQ(alerts[0].at("syscall"), way.syscall);
    EXPECT_EQ(alerts[0].at("decision"), "granted");
    EXPECT_EQ(alerts[0].at("binary"), "/bin/ways_out");
    const std::vector<json> denied = AlertsOf(way.words, {"CAP_SETUID"}, way.rule);
    ASSERT_FALSE(denied.empty()) << way.words;
    EXPECT_EQ(denied[0].at("decision"), "denied");
  }
}

TEST_F(AlertRulesTest, SeveralWaysOutAreCritical) {
  const std::vector<json> alerts =
      AlertsOf("mount handle", {"CAP_SYS_ADMIN", "CAP_DAC_READ_SEARCH"}, "CM017");
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].at("severity"), "critical");
  EXPECT_EQ(alerts[0].at("kind"), "escape");
  EXPECT_EQ(Alerts({"--severity", "critical", "--container", id_, "--rule", "CM017"}).size(), 1u);
}

TEST_F(AlertRulesTest, AFloodIsAHandfulOfAlertsWithExactCounts) {
  auto flood = StartShell("flood", {});
  ASSERT_TRUE(flood.ok()) << flood.status();
  ASSERT_TRUE(flood->process().WriteLine("begin"));
  ASSERT_TRUE(Eventually([&] { return !Alerts({"--rule", "CM005"}).empty(); }));
  // Meanwhile another one.
  const std::vector<json> other = AlertsOf("packet", kDefault, "CM010");
  EXPECT_EQ(other.size(), 1u);
  ASSERT_TRUE(flood->process().WriteLine("end"));
  ASSERT_TRUE(flood->process().Wait().ok());
  const std::string printed = flood->process().out();
  const size_t number = printed.find("denied ");
  ASSERT_NE(number, std::string::npos) << printed;
  const uint64_t denied = std::stoull(printed.substr(number + 7));
  ASSERT_GT(denied, 1000u);
  std::vector<json> alerts;
  EXPECT_TRUE(Eventually([&] {
    alerts = Alerts({"--container", flood->id(), "--rule", "CM004"});
    return alerts.size() == 1 && Number(alerts[0], "count") == denied;
  })) << denied
      << json(alerts).dump(1);
  EXPECT_LE(Alerts({"--container", flood->id()}).size(), 3u);
}

TEST_F(AlertRulesTest, AlertsSurviveARestart) {
  const std::vector<json> before = AlertsOf("packet", kDefault, "CM010");
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(daemon_->Stop().value_or(-1), 0);
  StartDaemon();
  const std::vector<json> after = Alerts({"--since", "1h", "--rule", "CM010"});
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].at("id"), before[0].at("id"));
  EXPECT_EQ(after[0].at("count"), before[0].at("count"));
  EXPECT_TRUE(Alerts({"--since", "1h", "--severity", "critical"}).empty());
}

}  // namespace
}  // namespace capmon
