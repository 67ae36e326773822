// SPDX-License-Identifier: Apache-2.0
// Alerts: one JSON line each, in the file and through `capmon alerts`.
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

// Alerts of this kind about this container, oldest first.
std::vector<json> AlertsIn(const std::string& lines, const std::string& container,
                           const std::string& kind) {
  std::vector<json> alerts;
  std::istringstream text(lines);
  for (std::string line; std::getline(text, line);) {
    json alert = json::parse(line, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(alert.is_object()) << line;
    if (!alert.is_object() || alert.at("container").at("id") != container) continue;
    if (alert.at("kind") == kind) alerts.push_back(std::move(alert));
  }
  return alerts;
}

class AlertTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeTriggerRootfs(directory_ / "rootfs").ok());
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--alerts", directory_ / "alerts.jsonl"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }

  absl::StatusOr<RuncContainer> Start(const std::vector<std::string>& words,
                                      const std::vector<std::string>& capabilities) const {
    std::vector<std::string> command = {"/bin/trigger"};
    command.insert(command.end(), words.begin(), words.end());
    return RuncContainer::Start({directory_ / "rootfs", command, capabilities});
  }

  std::string AlertFile() const { return ReadFile(directory_ / "alerts.jsonl"); }

  TempDir directory_;
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(AlertTest, FirstUseAfterTheBaselineIsOneLine) {
  auto container =
      Start({"CHOWN", "wait", "CHOWN", "NET_RAW", "NET_RAW", "wait"}, {"CAP_CHOWN", "CAP_NET_RAW"});
  ASSERT_TRUE(container.ok()) << container.status();
  const std::string id = container->id();
  const json learned = ProfileOnce(
      *daemon_, id, [](const json& now) { return Number(Row(now, "CAP_CHOWN"), "count") > 0; });
  ASSERT_EQ(Keep(learned), std::set<std::string>{"CAP_CHOWN"});
  ASSERT_EQ(daemon_->Capmon({"baseline", id}).exit_code, 0);
  ASSERT_TRUE(container->process().WriteLine("go on"));

  std::vector<json> alerts;
  ASSERT_TRUE(Eventually([&] {
    alerts = AlertsIn(AlertFile(), id, "new_capability");
    return !alerts.empty();
  })) << AlertFile();
  container->process().CloseInput();
  FinalProfile(*daemon_, id);
  alerts = AlertsIn(AlertFile(), id, "new_capability");
  ASSERT_EQ(alerts.size(), 1u) << AlertFile();
  EXPECT_EQ(alerts[0].at("capability"), "CAP_NET_RAW");
  EXPECT_EQ(alerts[0].at("decision"), "granted");
  EXPECT_EQ(alerts[0].at("binary"), "/bin/trigger");
  EXPECT_EQ(alerts[0].at("syscall"), "socket");
  EXPECT_FALSE(alerts[0].at("message").get<std::string>().empty());

  const Outcome asked = daemon_->Capmon({"alerts", "-o", "jsonl"});
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  const std::vector<json> told = AlertsIn(asked.out, id, "new_capability");
  ASSERT_EQ(told.size(), 1u) << asked.out;
  EXPECT_EQ(told[0].at("id"), alerts[0].at("id"));
}

TEST_F(AlertTest, DenialsAreOneAlertWithACount) {
  auto container = Start({"CHOWN", "CHOWN", "CHOWN", "CHOWN", "CHOWN"}, {});
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_EQ(container->process().Wait().value_or(-1), 1) << container->process().err();
  FinalProfile(*daemon_, container->id());

  std::vector<json> told;
  EXPECT_TRUE(Eventually([&] {
    told = AlertsIn(daemon_->Capmon({"alerts", "-o", "jsonl"}).out, container->id(),
                    "denied_capability");
    return !told.empty() && Number(told.back(), "count") == 5;
  }));
  std::set<std::string> ids;
  for (const json& alert : told) {
    EXPECT_EQ(alert.at("capability"), "CAP_CHOWN");
    EXPECT_EQ(alert.at("decision"), "denied");
    ids.insert(alert.at("id"));
  }
  EXPECT_EQ(ids.size(), 1u) << json(told).dump(1);
  EXPECT_FALSE(AlertsIn(AlertFile(), container->id(), "denied_capability").empty());
}

TEST_F(AlertTest, OverInTheQuietNothingIsSaid) {
  auto container = Start({"CHOWN", "wait", "CHOWN"}, {"CAP_CHOWN"});
  ASSERT_TRUE(container.ok()) << container.status();
  ProfileOnce(*daemon_, container->id(),
              [](const json& now) { return Number(Row(now, "CAP_CHOWN"), "count") > 0; });
  ASSERT_EQ(daemon_->Capmon({"baseline", container->id()}).exit_code, 0);
  container->process().CloseInput();
  ASSERT_EQ(container->process().Wait().value_or(-1), 0) << container->process().err();
  const json profile = FinalProfile(*daemon_, container->id());
  ASSERT_EQ(Number(Row(profile, "CAP_CHOWN"), "count"), 2u) << profile.dump(1);
  EXPECT_TRUE(AlertsIn(AlertFile(), container->id(), "new_capability").empty()) << AlertFile();
  EXPECT_TRUE(AlertsIn(AlertFile(), container->id(), "denied_capability").empty()) << AlertFile();
}

// A shell starts two programs: `walker` opens a raw ICMP socket and, after a line of input,
// `sniffer` an AF_PACKET one, which sees all that passes.
class OtherProgramTest : public AlertTest {
 protected:
  void SetUp() override {
    AlertTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeBusyboxRootfs(shells()).ok());
    for (const char* path : {"/bin/walker", "/bin/sniffer"})
      ASSERT_TRUE(std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/walker", shells() + path));
  }
  std::string shells() const { return directory_ / "shells"; }
  absl::StatusOr<RuncContainer> StartShell(const std::string& script,
                                           const std::string& cgroup = "") const {
    return RuncContainer::Start({.rootfs = shells(),
                                 .command = {"/bin/sh", "-c", script},
                                 .capabilities = {"CAP_NET_RAW"},
                                 .cgroup = cgroup});
  }
  // Alerts that this container first used NET_RAW in the function for packet sockets.
  std::vector<json> Sniffed(const std::string& id) const {
    std::vector<json> sniffed;
    for (json& alert : AlertsIn(AlertFile(), id, "new_capability"))
      if (alert.at("site") == "packet_create") sniffed.push_back(std::move(alert));
    return sniffed;
  }
  void WaitForRawSocket(const std::string& id) {
    ProfileOnce(*daemon_, id,
                [](const json& now) { return Number(Row(now, "CAP_NET_RAW"), "count") > 0; });
  }
};

// Not as the last command: a shell executes its last command in its own process, as its entry
// point.
constexpr char kPingThenSniff[] = "/bin/walker raw; read line; /bin/sniffer packet; exit $?";

TEST_F(OtherProgramTest, APacketSocketAfterARawOneIsNews) {
  auto container = StartShell(kPingThenSniff);
  ASSERT_TRUE(container.ok()) << container.status();
  const std::string id = container->id();
  WaitForRawSocket(id);
  ASSERT_EQ(daemon_->Capmon({"baseline", id}).exit_code, 0);
  ASSERT_TRUE(container->process().WriteLine("go on"));
  ASSERT_EQ(container->process().Wait().value_or(-1), 0) << container->process().err();
  ASSERT_TRUE(Eventually([&] { return !Sniffed(id).empty(); })) << AlertFile();
  const json alert = Sniffed(id)[0];
  EXPECT_EQ(alert.at("capability"), "CAP_NET_RAW");
  EXPECT_EQ(alert.at("binary"), "/bin/sniffer");
  EXPECT_EQ(alert.at("decision"), "granted");
  EXPECT_EQ(Sniffed(id).size(), 1u);
}

// Without a baseline: a use that leads out of the container, by another program than its entry
// point.
TEST_F(OtherProgramTest, APacketSocketInTheFirstMinutesIsNews) {
  auto container = StartShell(kPingThenSniff);
  ASSERT_TRUE(container.ok()) << container.status();
  const std::string id = container->id();
  ASSERT_TRUE(container->process().WriteLine("go on"));
  ASSERT_EQ(container->process().Wait().value_or(-1), 0) << container->process().err();
  ASSERT_TRUE(Eventually([&] { return !Sniffed(id).empty(); })) << AlertFile();
  const std::string message = Sniffed(id)[0].at("message");
  EXPECT_NE(message.find("it has no baseline yet"), std::string::npos) << message;
  EXPECT_EQ(AlertsIn(AlertFile(), id, "new_capability").size(), 1u) << "a raw socket leads nowhere";
}

// The same container again, as with docker restart.
TEST_F(OtherProgramTest, APacketSocketAfterARestartIsNewsAndTheRawOneIsNot) {
  const std::string id = RandomContainerId();
  {
    auto first = StartShell("/bin/walker raw; read line", "/docker/" + id);
    ASSERT_TRUE(first.ok()) << first.status();
    WaitForRawSocket(id);
    ASSERT_EQ(daemon_->Capmon({"baseline", id}).exit_code, 0);
    ASSERT_TRUE(first->process().WriteLine("go on"));
    ASSERT_EQ(first->process().Wait().value_or(-1), 0) << first->process().err();
  }
  auto second = StartShell(kPingThenSniff, "/docker/" + id);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_TRUE(second->process().WriteLine("go on"));
  ASSERT_EQ(second->process().Wait().value_or(-1), 0) << second->process().err();
  ASSERT_TRUE(Eventually([&] { return !Sniffed(id).empty(); })) << AlertFile();
  const json alert = Sniffed(id)[0];
  EXPECT_EQ(alert.at("binary"), "/bin/sniffer");
  EXPECT_EQ(std::string(alert.at("message")).find("no baseline"), std::string::npos);
  EXPECT_EQ(AlertsIn(AlertFile(), id, "new_capability").size(), 1u) << AlertFile();
}

}  // namespace
}  // namespace capmon
