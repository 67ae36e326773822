// SPDX-License-Identifier: Apache-2.0
// A recording of this kernel gives the same answers as the live capmond, without privileges.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

constexpr uid_t kNobody = 65534;

// Everything in a verdict that must survive a replay.
using Verdict = std::tuple<std::string, std::string, bool, uint64_t, uint64_t>;
std::vector<Verdict> Verdicts(const json& profile) {
  std::vector<Verdict> verdicts;
  for (const json& row : profile.at("capabilities")) {
    verdicts.emplace_back(row.at("capability"), row.at("verdict"), row.at("keep"),
                          Number(row, "count"), Number(row, "denied"));
  }
  return verdicts;
}

class RecordingTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeTriggerRootfs(directory_ / "rootfs").ok());
  }

  void RunTrigger(const std::vector<std::string>& capabilities, std::string* id) {
    auto container = RuncContainer::Start(
        {directory_ / "rootfs", {"/bin/trigger", "NET_RAW", "CHOWN"}, capabilities});
    ASSERT_TRUE(container.ok()) << container.status();
    ASSERT_TRUE(container->process().Wait().ok());
    *id = container->id();
  }

  // Returns the output of `capmon profile -o json` for each id, from a replay without privileges.
  std::vector<std::string> Replay(const std::vector<std::string>& ids) {
    ProcessOptions nobody;
    nobody.user = kNobody;
    TempDir own;
    EXPECT_EQ(chown(own.path().c_str(), kNobody, kNobody), 0);
    auto daemon = CapmonDaemon::Start(own.path(), {"--replay", directory_ / "recording"}, nobody);
    EXPECT_TRUE(daemon.ok()) << daemon.status();
    std::vector<std::string> profiles;
    if (!daemon.ok()) return profiles;
    for (const std::string& id : ids) {
      const Outcome outcome = daemon->Capmon({"profile", id, "-o", "json"});
      EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
      profiles.push_back(outcome.out);
    }
    EXPECT_EQ(daemon->Stop().value_or(-1), 0) << daemon->process().err();
    return profiles;
  }

  TempDir directory_;
};

TEST_F(RecordingTest, ReplayedTwiceIsTheSameToTheByteAndAgreesWithLive) {
  std::vector<std::string> ids(2);
  std::vector<json> live;
  {
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--record", directory_ / "recording"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    RunTrigger({"CAP_NET_RAW", "CAP_CHOWN", "CAP_KILL"}, &ids[0]);
    RunTrigger({"CAP_NET_RAW"}, &ids[1]);
    for (const std::string& id : ids) live.push_back(FinalProfile(*daemon, id));
    ASSERT_EQ(daemon->Stop().value_or(-1), 0) << daemon->process().err();
  }
  ASSERT_EQ(Keep(live[0]), (std::set<std::string>{"CAP_CHOWN", "CAP_NET_RAW"}));
  ASSERT_EQ(chmod((directory_ / "recording").c_str(), 0644), 0);

  const std::vector<std::string> first = Replay(ids);
  const std::vector<std::string> second = Replay(ids);
  ASSERT_EQ(first.size(), ids.size());
  EXPECT_EQ(first, second);
  for (size_t i = 0; i < ids.size(); ++i) {
    const json replayed = json::parse(first[i], nullptr, false);
    ASSERT_TRUE(replayed.is_object()) << first[i];
    EXPECT_EQ(Verdicts(replayed), Verdicts(live[i])) << replayed.dump(1) << live[i].dump(1);
    EXPECT_EQ(Keep(replayed), Keep(live[i]));
    EXPECT_EQ(replayed.at("container"), live[i].at("container"));
  }
}

TEST_F(RecordingTest, WhatAClientChangedIsInTheRecording) {
  std::vector<std::string> ids(2);
  std::vector<json> live;
  {
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--record", directory_ / "recording"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    for (std::string& id : ids) {
      RunTrigger({"CAP_NET_RAW", "CAP_CHOWN"}, &id);
      FinalProfile(*daemon, id);
    }
    ASSERT_EQ(daemon->Capmon({"reset", ids[0]}).exit_code, 0);
    ASSERT_EQ(daemon->Capmon({"baseline", ids[1]}).exit_code, 0);
    for (const std::string& id : ids) live.push_back(daemon->Json({"profile", id}));
    ASSERT_EQ(daemon->Stop().value_or(-1), 0) << daemon->process().err();
  }
  ASSERT_EQ(chmod((directory_ / "recording").c_str(), 0644), 0);
  const std::vector<std::string> replayed = Replay(ids);
  ASSERT_EQ(replayed.size(), ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    const json profile = json::parse(replayed[i], nullptr, false);
    ASSERT_TRUE(profile.is_object()) << replayed[i];
    EXPECT_EQ(Verdicts(profile), Verdicts(live[i])) << profile.dump(1) << live[i].dump(1);
  }
  EXPECT_TRUE(Keep(live[0]).empty()) << live[0].dump(1);  // deleted in both
}

}  // namespace
}  // namespace capmon
