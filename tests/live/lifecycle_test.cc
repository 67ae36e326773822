// SPDX-License-Identifier: Apache-2.0
// Start, stop and crash: what capmond leaves behind, and which users may use the socket.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/bpf_objects.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"
#include "tests/support/test_cgroup.h"

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
  // Once: nothing of the first one is counted again.
  EXPECT_EQ(Number(Row(profile, "CAP_NET_RAW"), "count"), 1u) << profile.dump(1);

  const BpfObjects newer = BpfObjectsOf(next->process().pid());
  objects.programs.insert(newer.programs.begin(), newer.programs.end());
  objects.links.insert(newer.links.begin(), newer.links.end());
  EXPECT_EQ(next->Stop().value_or(-1), 0) << next->process().err();
  EXPECT_TRUE(NothingLeft(objects));
}

TEST_F(LifecycleTest, ASecondOneOnTheSameSocketIsRejected) {
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

// Nested directories whose last one no path reaches; removed with the object.
class DeepTree {
 public:
  explicit DeepTree(const std::string& directory) {
    levels_.emplace_back(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (levels_.size() < 20 && mkdirat(levels_.back().get(), name_.c_str(), 0755) == 0)
      levels_.emplace_back(
          openat(levels_.back().get(), name_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~DeepTree() {
    for (; levels_.size() > 1; levels_.pop_back())
      unlinkat(levels_[levels_.size() - 2].get(), name_.c_str(), AT_REMOVEDIR);
  }
  DeepTree(const DeepTree&) = delete;
  DeepTree& operator=(const DeepTree&) = delete;
  bool whole() const { return levels_.size() == 20; }

 private:
  const std::string name_ = std::string(250, 'x');
  std::vector<UniqueFd> levels_;
};

// A user who may create cgroups can nest them deeper than any walk reaches.
TEST_F(LifecycleTest, ContainersThatEndedAreEndedHoweverDeepOthersAre) {
  const std::vector<std::string> keeping = {"--state-dir", directory_ / "state"};
  auto daemon = CapmonDaemon::Start(directory_.path(), keeping);
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  const TestCgroup hostile;
  std::vector<std::unique_ptr<DeepTree>> trees;
  for (const std::string& directory : hostile.directories()) {
    trees.push_back(std::make_unique<DeepTree>(directory));
    ASSERT_TRUE(trees.back()->whole());
  }
  std::optional<TestCgroup> leaving(std::in_place);
  const std::string left = leaving->id();
  ASSERT_TRUE(Eventually([&] { return daemon->Json({"profile", left}).is_object(); }));
  ASSERT_EQ(daemon->Stop().value_or(-1), 0);
  leaving.reset();
  auto next = CapmonDaemon::Start(directory_.path(), keeping);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(Ended(next->Json({"profile", left})));
  EXPECT_FALSE(Ended(next->Json({"profile", hostile.id()})));
}

// The ring has less room: the first records fill it; the rest is lost, and found by a rescan.
TEST_F(LifecycleTest, AContainerWhoseEndWasNotReportedEnds) {
  auto daemon = CapmonDaemon::Start(directory_.path());
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  std::optional<TestCgroup> leaving(std::in_place);
  const TestCgroup staying;
  const std::string left = leaving->id();
  const auto profile = [&](const std::string& id) { return daemon->Json({"profile", id}); };
  const auto known = [&](const std::string& id) {
    return Eventually([&] { return profile(id).is_object(); });
  };
  ASSERT_TRUE(known(left) && known(staying.id()));

  daemon->process().Signal(SIGSTOP);
  for (int i = 0; i < 4000; ++i)
    for (const std::string& directory : staying.directories()) {
      const std::string inner = directory + "/inner";
      ASSERT_TRUE(mkdir(inner.c_str(), 0755) == 0 && rmdir(inner.c_str()) == 0) << inner;
    }
  leaving.reset();
  const TestCgroup coming;
  daemon->process().Signal(SIGCONT);

  EXPECT_TRUE(Eventually([&] { return Ended(profile(left)); })) << profile(left).dump(1);
  EXPECT_TRUE(known(coming.id()));
  EXPECT_FALSE(Ended(profile(staying.id())));
  EXPECT_FALSE(Ended(profile(coming.id())));
  EXPECT_TRUE(daemon->Json({"status"}).at("lost").contains("ring-cgroup"));
}

}  // namespace
}  // namespace capmon
