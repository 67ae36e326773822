// SPDX-License-Identifier: Apache-2.0
// Sinks of a running capmond: the file of settings, reload, `capmon sink`, secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "tests/e2e/complaint.h"
#include "tests/e2e/sample_recording.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char kSecret[] = "planted-hunter2-secret";

class SinksTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(WriteFile(directory_ / "recording", SampleRecording()));
    ASSERT_TRUE(WriteFile(directory_ / "token", std::string(kSecret) + "\n"));
  }
  std::string FileSink(const std::string& name) const {
    return "  - {name: " + name + ", type: file, path: " + directory_ / name + "}\n";
  }
  std::string AwaySink() const {
    return "  - {name: away, type: http, url: 'http://127.0.0.1:1/', token: 'file:" +
           directory_ / "token" + "'}\n";
  }
  void Write(const std::string& text) { ASSERT_TRUE(WriteFile(settings_, text)); }
  void Start(const std::string& text) {
    Write(text);
    auto daemon = CapmonDaemon::Start(
        directory_.path(), {"--replay", directory_ / "recording", "--config", settings_});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }
  // Names of the sinks in use.
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const json list = daemon_->Json({"sink", "list"});
    if (list.is_object())
      for (const json& sink : list["sinks"]) names.push_back(sink.value("name", ""));
    return names;
  }

  TempDir directory_;
  const std::string settings_ = directory_ / "capmond.yaml";
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(SinksTest, AnAlertReachesASink) {
  Start("sinks:\n" + FileSink("siem"));
  ASSERT_TRUE(Eventually([&] { return !ReadFile(directory_ / "siem").empty(); }));
  EXPECT_THAT(ReadFile(directory_ / "siem"), HasSubstr("CAP_SYS_TIME"));
  EXPECT_EQ(daemon_->Capmon({"sink", "flush", "siem"}).exit_code, 0);
  const json list = daemon_->Json({"sink", "list"});
  ASSERT_EQ(list["sinks"].size(), 1u);
  EXPECT_EQ(list["sinks"][0].value("delivered", ""), "1");
  const Outcome table = daemon_->Capmon({"sink", "list"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.out, HasSubstr("siem"));
  EXPECT_EQ(daemon_->Json({"status"})["sinks"].size(), 1u);
}

TEST_F(SinksTest, ExitCodes) {
  Start("sinks:\n" + FileSink("siem") + AwaySink());
  EXPECT_EQ(daemon_->Capmon({"sink", "test", "siem"}).exit_code, 0);
  EXPECT_THAT(ReadFile(directory_ / "siem"), HasSubstr("This is a test"));
  const Outcome away = daemon_->Capmon({"sink", "test", "away"});
  EXPECT_EQ(away.exit_code, 1);
  EXPECT_THAT(away.out, HasSubstr("did not accept"));
  EXPECT_EQ(daemon_->Capmon({"sink", "flush", "away", "--patience", "1"}).exit_code, 1);
  ExpectComplaint(daemon_->Capmon({"sink", "test", "nowhere"}), 4, "there are: siem, away");
  ExpectComplaint(daemon_->Capmon({"sink", "test"}), 2, "takes the name");
  ExpectComplaint(daemon_->Capmon({"sink", "drop", "siem"}), 2, "list, test or flush");
}

TEST_F(SinksTest, AReloadAppliesSinksAndAFaultChangesNothing) {
  Start("sinks:\n" + FileSink("one"));
  Write("learn_for: 5\nsinks:\n" + FileSink("one") + FileSink("two"));
  daemon_->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return Names() == std::vector<std::string>{"one", "two"}; }));

  Write("sinks:\n  - {name: one}\n");
  daemon_->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] {
    const json status = daemon_->Json({"status"});
    return status.is_object() && status.value("settings_fault", "") != "";
  }));
  EXPECT_THAT(daemon_->Json({"status"}).value("settings_fault", ""),
              HasSubstr(settings_ + ":2:5: the sink one has no type"));
  EXPECT_EQ(Names(), (std::vector<std::string>{"one", "two"}));

  Write("");
  daemon_->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return Names().empty(); }));
  EXPECT_EQ(daemon_->Json({"status"}).value("settings_fault", "none"), "");
  EXPECT_EQ(daemon_->Stop().value_or(-1), 0);
  EXPECT_THAT(daemon_->process().err(), HasSubstr("learn_for changed"));
  EXPECT_THAT(daemon_->process().err(), HasSubstr("nothing is changed"));
}

TEST_F(SinksTest, AFailingSinkDegradesAndSecretsStaySecret) {
  Start("sinks:\n" + AwaySink());
  EXPECT_TRUE(Eventually([&] {
    const json status = daemon_->Json({"status"});
    return status.is_object() &&
           status["health"].value("degraded", "").find("the sink away fails") != std::string::npos;
  }));
  std::string all;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"status"},
                                                {"status", "-o", "json"},
                                                {"sink", "list", "-o", "wide"},
                                                {"sink", "list", "-o", "json"},
                                                {"sink", "test", "away"},
                                                {"sink", "flush", "away", "--patience", "1"},
                                                {"alerts", "-o", "json"}}) {
    const Outcome outcome = daemon_->Capmon(words);
    all += outcome.out + outcome.err;
  }
  // Degraded is not unhealthy: capmond counts and serves.
  EXPECT_EQ(daemon_->Capmon({"status"}).exit_code, 0);
  daemon_->process().Signal(SIGHUP);
  EXPECT_EQ(daemon_->Stop().value_or(-1), 0);
  all += daemon_->process().err();
  const Outcome check = RunProgram({CapmondBinary(), "--check-config", "--config", settings_});
  EXPECT_EQ(check.exit_code, 0);
  all += check.out + check.err;
  Write("sinks:\n  - {name: a, type: http, url: 'https://x/', token: " + std::string(kSecret) +
        "}\n");
  const Outcome open = RunProgram({CapmondBinary(), "--config", settings_});
  ExpectComplaint(open, 2, "must not stand in this file");
  all += open.err;
  EXPECT_EQ(all.find(kSecret), std::string::npos);
  EXPECT_THAT(all, HasSubstr("away"));
}

}  // namespace
}  // namespace capmon
