// SPDX-License-Identifier: Apache-2.0
// Starting, ending and dying: what capmond leaves behind, and who may have the socket.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/bpf_objects.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

class LifecycleTest : public LiveTest {
 protected:
  // Attached programs may outlive their process for a moment.
  static bool NothingLeft(const BpfObjects& objects) {
    return Eventually([&] {
      const BpfObjects left = StillThere(objects);
      return left.programs.empty() && left.links.empty();
    });
  }

  TempDir directory_;
};

TEST_F(LifecycleTest, ACleanStopLeavesNothingAttachedAndNoSocket) {
  auto daemon = CapmonDaemon::Start(directory_.path());
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  const BpfObjects objects = BpfObjectsOf(daemon->process().pid());
  ASSERT_FALSE(objects.programs.empty());
  ASSERT_FALSE(objects.links.empty());
  EXPECT_EQ(daemon->Stop().value_or(-1), 0) << daemon->process().err();
  EXPECT_TRUE(NothingLeft(objects));
  struct stat status;
  EXPECT_NE(stat((directory_ / "capmon.sock").c_str(), &status), 0);
}

TEST_F(LifecycleTest, InterruptIsACleanStopToo) {
  auto daemon = CapmonDaemon::Start(directory_.path());
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  daemon->process().Signal(SIGINT);
  EXPECT_EQ(daemon->process().Wait().value_or(-1), 0) << daemon->process().err();
}

TEST_F(LifecycleTest, AfterAKillTheNextOneTakesOverAndWatches) {
  ASSERT_TRUE(MakeTriggerRootfs(directory_ / "rootfs").ok());
  auto killed = CapmonDaemon::Start(directory_.path());
  ASSERT_TRUE(killed.ok()) << killed.status();
  BpfObjects objects = BpfObjectsOf(killed->process().pid());
  ASSERT_FALSE(objects.programs.empty());
  killed->process().Signal(SIGKILL);
  ASSERT_EQ(killed->process().Wait().value_or(-1), 128 + SIGKILL);

  auto next = CapmonDaemon::Start(directory_.path());
  ASSERT_TRUE(next.ok()) << next.status();
  auto container =
      RuncContainer::Start({directory_ / "rootfs", {"/bin/trigger", "NET_RAW"}, {"CAP_NET_RAW"}});
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_EQ(container->process().Wait().value_or(-1), 0);
  const json profile = FinalProfile(*next, container->id());
  // Once: nothing of the first one's counts along.
  EXPECT_EQ(Number(Row(profile, "CAP_NET_RAW"), "count"), 1u) << profile.dump(1);

  const BpfObjects newer = BpfObjectsOf(next->process().pid());
  objects.programs.insert(newer.programs.begin(), newer.programs.end());
  objects.links.insert(newer.links.begin(), newer.links.end());
  EXPECT_EQ(next->Stop().value_or(-1), 0) << next->process().err();
  EXPECT_TRUE(NothingLeft(objects));
}

TEST_F(LifecycleTest, ASecondOneOnTheSameSocketIsRefused) {
  auto first = CapmonDaemon::Start(directory_.path());
  ASSERT_TRUE(first.ok()) << first.status();
  const Outcome second = RunProgram({CapmondBinary(), "--address", first->address(), "--log-level",
                                     "warn", "--state-dir", "none", "--pin-dir", "none"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(std::count(second.err.begin(), second.err.end(), '\n'), 1) << second.err;
  EXPECT_NE(second.err.find(directory_ / "capmon.sock"), std::string::npos) << second.err;
  EXPECT_EQ(first->Capmon({"status"}).exit_code, 0);
}

TEST_F(LifecycleTest, WhatAlreadyRunsAtStartIsKnown) {
  ASSERT_TRUE(MakeTriggerRootfs(directory_ / "rootfs").ok());
  auto container = RuncContainer::Start({directory_ / "rootfs",
                                         {"/bin/trigger", "CHOWN", "wait", "NET_RAW", "wait"},
                                         {"CAP_CHOWN", "CAP_NET_RAW"}});
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_TRUE(Eventually([&] { return container->process().out() == "CHOWN done\n"; }));

  auto daemon = CapmonDaemon::Start(directory_.path());
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  ASSERT_TRUE(container->process().WriteLine("go on"));
  const json profile = ProfileOnce(*daemon, container->id(), [](const json& now) {
    return Number(Row(now, "CAP_NET_RAW"), "count") > 0;
  });
  EXPECT_EQ(Keep(profile), std::set<std::string>{"CAP_NET_RAW"}) << profile.dump(1);
  EXPECT_TRUE(Row(profile, "CAP_CHOWN").value("granted", false)) << profile.dump(1);
  EXPECT_EQ(profile.at("confidence").at("starts"), "0") << profile.dump(1);
  EXPECT_FALSE(Ended(profile));
}

}  // namespace
}  // namespace capmon
