// SPDX-License-Identifier: Apache-2.0
// The results of system calls without a program on each of them: capmond may not watch all calls
// here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/bpf_objects.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;
using Set = std::set<std::string>;

class ResultsTest : public LiveTest {
 protected:
  ResultsTest() : LiveTest({"runc", "busybox"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    if (!KernelAwaitsEnds()) GTEST_SKIP() << "before 6.18 results come from watching all calls";
    rootfs_ = directory_ / "rootfs";
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs_).ok());
    for (const std::string program : {"needs", "walker"})
      std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/" + program, rootfs_ + "/bin/" + program);
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--watch-budget", "0"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }

  json After(const std::vector<std::string>& command, const std::vector<std::string>& held) {
    auto container = RuncContainer::Start({rootfs_, command, held});
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return {};
    container->process().CloseInput();
    (void)container->process().Wait();
    return FinalProfile(*daemon_, container->id());
  }
  json AfterScript(const std::string& script) {
    return After({"/bin/sh", "-c", script}, {"CAP_SYS_ADMIN", "CAP_CHOWN"});
  }

  const TempDir directory_;
  std::string rootfs_;
  std::optional<CapmonDaemon> daemon_;
};

// Too long for a host name.
const std::string kFail = "hostname " + std::string(80, 'x') + "; ";

TEST_F(ResultsTest, WhatWasGrantedToFailedCallsAloneIsNotNeeded) {
  const json profile = AfterScript(kFail + kFail);
  EXPECT_EQ(Row(profile, "CAP_SYS_ADMIN").value("verdict", ""), "tried") << profile.dump(1);
  EXPECT_EQ(Keep(profile), Set{});
}

TEST_F(ResultsTest, ASuccessAfterManyFailuresIsNeeded) {
  const json profile = AfterScript("for i in $(seq 100); do " + kFail + "done; hostname new");
  EXPECT_EQ(Row(profile, "CAP_SYS_ADMIN").value("verdict", ""), "required") << profile.dump(1);
}

TEST_F(ResultsTest, ADenialThatMakesTheCallFailIsMissed) {
  const json profile = After({"/bin/sh", "-c", "hostname new; exit 0"}, {"CAP_CHOWN"});
  const json row = Row(profile, "CAP_SYS_ADMIN");
  EXPECT_EQ(row.value("verdict", ""), "missing") << profile.dump(1);
  EXPECT_THAT(row.value("reason", ""), testing::HasSubstr("EPERM"));
}

TEST_F(ResultsTest, AnInsistentCapsetIsANeed) {
  const json profile =
      After({"/bin/needs", "insist", std::to_string(CAP_NET_RAW)}, {"CAP_NET_RAW", "CAP_CHOWN"});
  EXPECT_EQ(Keep(profile), Set{"CAP_NET_RAW"}) << profile.dump(1);
  const json refused = After({"/bin/needs", "insist", std::to_string(CAP_NET_RAW)}, {"CAP_CHOWN"});
  EXPECT_EQ(Row(refused, "CAP_NET_RAW").value("verdict", ""), "missing") << refused.dump(1);
}

TEST_F(ResultsTest, ADeniedExecIsSeen) {
  const std::string file = rootfs_ + "/bin/carries";
  std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/needs", file);
  ASSERT_TRUE(Carry(file, CAP_NET_BIND_SERVICE, true));
  // The file can be read only while the container runs.
  auto container =
      RuncContainer::Start({rootfs_, {"/bin/needs", "execute", "/bin/carries"}, {"CAP_CHOWN"}});
  ASSERT_TRUE(container.ok()) << container.status();
  const json profile = ProfileOnce(*daemon_, container->id(), [](const json& now) {
    return !Row(now, "CAP_NET_BIND_SERVICE").is_null();
  });
  const json row = Row(profile, "CAP_NET_BIND_SERVICE");
  ASSERT_FALSE(row.is_null()) << profile.dump(1);
  EXPECT_EQ(row.value("verdict", ""), "missing");
  container->process().CloseInput();
  (void)container->process().Wait();
}

TEST_F(ResultsTest, ATracerCannotMakeASuccessLookLikeAFailure) {
  const json profile = After({"/bin/walker", "forge-result"}, {"CAP_NET_RAW"});
  EXPECT_EQ(Keep(profile), Set{"CAP_NET_RAW"}) << profile.dump(1);
}

TEST_F(ResultsTest, SystemCallsAreNotWatched) {
  AfterScript("true");
  const json status = daemon_->Json({"status"});
  EXPECT_FALSE(status.value("calls_watched", true)) << status.dump(1);
  EXPECT_TRUE(status.at("outcomes")) << status.dump(1);
}

}  // namespace
}  // namespace capmon
