// SPDX-License-Identifier: Apache-2.0
// Programs are distinguished by more than an inode number, which can be chosen; and a process that
// leaves its container's cgroup makes the container unknown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class MovedTest : public WatchedTest {
 protected:
  MovedTest() : WatchedTest({"runc", "busybox"}) {}

  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs()).ok());
    std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/trigger", rootfs() + "/bin/trigger");
  }
  std::string rootfs() const { return directory_ / "rootfs"; }

  absl::StatusOr<RuncContainer> Start(const std::string& script) const {
    return RuncContainer::Start({rootfs(),
                                 {"/bin/sh", "-c", script + "; echo ready; cat; exit"},
                                 {"CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_CHOWN"},
                                 /*cgroup=*/"",
                                 directory_ / "state"});
  }
  static bool IsReady(RuncContainer& container) {
    return Eventually([&] { return container.process().out().find("ready") != std::string::npos; });
  }
  std::string FirstProcess(const std::string& id) const {
    const json known = json::parse(
        RunProgram({"runc", "--root", directory_ / "state", "state", id}).out, nullptr, false);
    return known.is_object() ? std::to_string(known.value("pid", 0)) : "";
  }
  static bool HasLeft(const std::string& id) {
    const std::string alerts = daemon().Capmon({"alerts", "-o", "jsonl"}).out;
    for (size_t at = alerts.find("left_cgroup"); at != alerts.npos;
         at = alerts.find("left_cgroup", at + 1))
      if (alerts.substr(at, alerts.find('\n', at) - at).find(id) != alerts.npos) return true;
    return false;
  }

  const TempDir directory_;
};

// The first file of every tmpfs has the same inode number.
TEST_F(MovedTest, ProgramsWithTheSameInodeNumberAreTwo) {
  if (!CanRun()) return;
  auto container = Start(
      "mkdir /a /b; mount -t tmpfs a /a; mount -t tmpfs b /b; cp /bin/trigger /a/one; "
      "cp /bin/trigger /b/two; stat -c %i /a/one /b/two; /a/one NET_RAW; /b/two NET_RAW");
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_TRUE(IsReady(*container)) << container->process().err();
  const std::string out = container->process().out();
  const size_t first = out.find('\n');
  ASSERT_EQ(out.substr(0, first), out.substr(first + 1, out.find('\n', first + 1) - first - 1))
      << out;
  std::map<std::string, uint64_t> uses;
  EXPECT_TRUE(Eventually([&] {
    uses.clear();
    const json explained = daemon().Json({"explain", container->id(), "NET_RAW"});
    if (!explained.is_object()) return false;
    for (const json& evidence : explained.at("capability").at("evidence"))
      uses[evidence.value("binary", "")] += Number(evidence, "count");
    return uses == std::map<std::string, uint64_t>{{"/a/one", 1}, {"/b/two", 1}};
  })) << json(uses).dump();
  EXPECT_FALSE(HasLeft(container->id()));
}

TEST_F(MovedTest, WhatAProcessDoesElsewhereIsUnknown) {
  if (!CanRun()) return;
  const TestCgroup elsewhere;
  auto container = Start("true");
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_TRUE(IsReady(*container)) << container->process().err();
  const std::string pid = FirstProcess(container->id());
  for (const std::string& directory : elsewhere.directories())
    std::ofstream(directory + "/cgroup.procs") << pid;
  EXPECT_TRUE(Eventually([&] { return HasLeft(container->id()); }))
      << daemon().Capmon({"alerts", "-o", "jsonl"}).out;
  const json recommendation = daemon().Json({"profile", container->id()}).at("recommendation");
  EXPECT_THAT(recommendation.value("unknown_reason", ""), HasSubstr("left its cgroup"));
  EXPECT_THAT(recommendation.at("unknown").dump(), HasSubstr("CAP_CHOWN"));
  container->process().CloseInput();
  (void)container->process().Wait();
}

// A program in another container's cgroup, or in one of the host, that a process of the container
// was moved to. The other container ran it neither before nor after.
TEST_F(MovedTest, WhatAProcessDoesElsewhereIsItsContainers) {
  if (!CanRun()) return;
  const TestCgroup neighbour, of_host("", "capmon-" + RandomContainerId().substr(0, 12));
  ASSERT_TRUE(Eventually([&] { return daemon().Json({"profile", neighbour.id()}).is_object(); }));
  for (const TestCgroup* to : {&neighbour, &of_host}) {
    auto container = Start("echo ready; read line; /bin/trigger NET_RAW; echo done; cat; exit");
    ASSERT_TRUE(container.ok()) << container.status();
    ASSERT_TRUE(IsReady(*container)) << container->process().err();
    const std::string pid = FirstProcess(container->id());
    for (const std::string& directory : to->directories())
      std::ofstream(directory + "/cgroup.procs") << pid;
    EXPECT_TRUE(Eventually([&] { return HasLeft(container->id()); }));
    ASSERT_TRUE(container->process().WriteLine("go"));
    const json profile = ProfileOnce(daemon(), container->id(), [](const json& now) {
      return Number(Row(now, "CAP_NET_RAW"), "checks") > 0;
    });
    EXPECT_EQ(Row(profile, "CAP_NET_RAW").value("verdict", ""), "required") << profile.dump(1);
    const json others = daemon().Json({"profile", neighbour.id()});
    EXPECT_EQ(Number(Row(others, "CAP_NET_RAW"), "checks"), 0u) << others.dump(1);
    EXPECT_FALSE(others.contains("held")) << others.dump(1);
    container->process().CloseInput();
    (void)container->process().Wait();
  }
}

// A container with SYS_ADMIN can name a cgroup as its neighbour's, and go there.
TEST_F(MovedTest, ACgroupWithANeighboursNameIsTheMakersContainers) {
  if (!CanRun()) return;
  const std::string id = RandomContainerId();
  const TestCgroup beside;
  std::vector<std::string> places;
  for (const std::string& directory : beside.directories())
    places.push_back(std::filesystem::path(directory).parent_path() / id);
  auto container = Start(
      "mkdir /cg; mount -t cgroup -o pids x /cg || mount -t cgroup2 x /cg; mkdir /cg/docker/" + id +
      "; echo $$ >/cg/docker/" + id + "/cgroup.procs; /bin/trigger NET_RAW");
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_TRUE(IsReady(*container)) << container->process().err();
  const json profile = ProfileOnce(daemon(), container->id(), [](const json& now) {
    return Number(Row(now, "CAP_NET_RAW"), "checks") > 0;
  });
  EXPECT_EQ(Row(profile, "CAP_NET_RAW").value("verdict", ""), "required") << profile.dump(1);
  const json others = daemon().Json({"profile", id});
  EXPECT_TRUE(!others.is_object() || Number(Row(others, "CAP_NET_RAW"), "checks") == 0)
      << others.dump(1);
  EXPECT_TRUE(HasLeft(container->id()));
  container->process().CloseInput();
  (void)container->process().Wait();
  const auto removed = [](const std::string& place) { return ::rmdir(place.c_str()) == 0; };
  EXPECT_TRUE(Eventually([&] { return std::ranges::any_of(places, removed); }));
}

}  // namespace
}  // namespace capmon
