// SPDX-License-Identifier: Apache-2.0
// Ways of a workload to look like its runtime: whatever it runs from, it stays a workload, and what
// runs from memory raises an alert.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
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
using testing::Contains;

// Moves what runs from memory in a container's cgroup "first" to another cgroup, in all
// hierarchies.
bool MoveToOther(const TestCgroup& container, const TestCgroup& to) {
  bool moved = false;
  for (size_t i = 0; i < container.directories().size(); ++i) {
    std::ifstream members(container.directories()[i] + "/first/cgroup.procs");
    for (std::string pid; std::getline(members, pid);) {
      std::error_code ignored;
      const auto exe = std::filesystem::read_symlink("/proc/" + pid + "/exe", ignored);
      if (!exe.string().starts_with("/memfd:walker")) continue;
      moved |= WriteFile(to.directories().at(i) + "/cgroup.procs", pid);
    }
  }
  return moved;
}

class HiddenTest : public WatchedTest {
 protected:
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeWalkerRootfs(rootfs()).ok());
  }
  std::string rootfs() const { return directory_ / "rootfs"; }

  // The profile of a container that did this.
  json After(const std::vector<std::string>& words) {
    std::vector<std::string> command = {"/bin/walker"};
    command.insert(command.end(), words.begin(), words.end());
    return AfterCommand(command);
  }
  json AfterCommand(const std::vector<std::string>& command) {
    auto container = RuncContainer::Start({rootfs(), command, {"CAP_SYS_ADMIN", "CAP_NET_RAW"}});
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return {};
    id_ = container->id();
    EXPECT_EQ(container->process().Wait().value_or(-1), 0)
        << container->process().out() << container->process().err();
    return FinalProfile(daemon(), id_);
  }

  // It is needed, not the runtime's doing, said to run from memory, and an alert.
  void ExpectFoundFromMemory(const json& profile) {
    EXPECT_THAT(Keep(profile), Contains("CAP_NET_RAW")) << profile.dump(1);
    const json explained = daemon().Json({"explain", id_, "NET_RAW"});
    std::set<std::string> traits;
    for (const json& evidence : explained.at("capability").at("evidence"))
      for (const json& trait : evidence.value("traits", json::array())) traits.insert(trait);
    EXPECT_THAT(traits, Contains("from-memory")) << explained.dump(1);
    EXPECT_TRUE(Eventually([&] {
      const std::string alerts = daemon().Capmon({"alerts", "-o", "jsonl"}).out;
      return alerts.find("from_memory:CAP_NET_RAW:") != alerts.npos &&
             alerts.find(id_) != alerts.npos;
    })) << daemon().Capmon({"alerts", "-o", "jsonl"}).out;
  }

  // Starts it in a cgroup below the container's, and moves it to another one there while it waits
  // in memory.
  json AfterMoving(const std::vector<std::string>& command) {
    const TestCgroup container_cgroup;
    const std::string path = "/docker/" + container_cgroup.id();
    const TestCgroup other(path, "other");
    id_ = container_cgroup.id();
    auto container = RuncContainer::Start(
        {rootfs(), command, {"CAP_SYS_ADMIN", "CAP_NET_RAW"}, path + "/first"});
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return {};
    EXPECT_TRUE(Eventually([&] { return MoveToOther(container_cgroup, other); }));
    container->process().CloseInput();
    EXPECT_EQ(container->process().Wait().value_or(-1), 0)
        << container->process().out() << container->process().err();
    return ProfileOnce(daemon(), id_, [](const json& now) {
      return Number(Row(now, "CAP_NET_RAW"), "checks") > 0;
    });
  }

  TempDir directory_;
  std::string id_;
};

TEST_F(HiddenTest, AProgramInMemoryOfAMovedProcess) {
  if (!CanRun()) return;
  ExpectFoundFromMemory(AfterMoving({"/bin/walker", "memory", "wait", "raw"}));
}

TEST_F(HiddenTest, AProgramInMemory) {
  if (!CanRun()) return;
  ExpectFoundFromMemory(After({"memory", "raw"}));
}

TEST_F(HiddenTest, AProgramWhoseMountIsDetached) {
  if (!CanRun()) return;
  ExpectFoundFromMemory(After({"detached", "raw"}));
}

TEST_F(HiddenTest, AProgramInMemoryOfAChild) {
  if (!CanRun()) return;
  ExpectFoundFromMemory(After({"fork", "raw"}));
  ExpectFoundFromMemory(After({"vfork", "raw"}));
}

TEST_F(HiddenTest, AProgramInMemoryThatAThreadExecutes) {
  if (!CanRun()) return;
  ExpectFoundFromMemory(After({"thread", "raw"}));
}

TEST_F(HiddenTest, AProgramInMemoryOfAGrandchildInMemory) {
  if (!CanRun()) return;
  ExpectFoundFromMemory(After({"memory", "fork", "fork", "raw"}));
}

// As programs of other architectures run: their interpreter was opened outside of the container.
TEST_F(HiddenTest, AProgramUnderAnInterpreterFromOutside) {
  if (!CanRun()) return;
  const std::string mounted = directory_ / "binfmt", name = "capmon-" + std::to_string(getpid());
  ASSERT_EQ(mkdir(mounted.c_str(), 0700), 0);
  if (mount("binfmt_misc", mounted.c_str(), "binfmt_misc", 0, nullptr) != 0)
    GTEST_SKIP() << "this kernel has no binfmt_misc: " << strerror(errno);
  const std::string magic = "CAPMON" + std::to_string(getpid());
  ASSERT_TRUE(WriteFile(rootfs() + "/bin/foreign", magic + "\n"));
  ASSERT_EQ(chmod((rootfs() + "/bin/foreign").c_str(), 0755), 0);
  std::ofstream(mounted + "/register")
      << ":" + name + ":M:0:" + magic + "::" CAPMON_BINARY_DIR "/bin/walker:F";
  const json profile = AfterCommand({"/bin/foreign", "raw"});
  std::ofstream(mounted + "/" + name) << "-1";
  umount2(mounted.c_str(), MNT_DETACH);
  EXPECT_EQ(Keep(profile), std::set<std::string>{"CAP_NET_RAW"}) << profile.dump(1);
  EXPECT_EQ(Number(profile.at("confidence"), "starts"), 1u) << profile.dump(1);
}

// A health check may be a link to what the container's first process holds in memory: the runtime
// executes it as the first program of a new task.
TEST_F(HiddenTest, AProgramInMemoryThatTheRuntimeStarts) {
  if (!CanRun()) return;
  std::filesystem::create_symlink("/proc/1/exe", rootfs() + "/bin/health");
  const std::string state = directory_ / "state";
  auto container = RuncContainer::Start({rootfs(),
                                         {"/bin/walker", "memory", "wait"},
                                         {"CAP_NET_RAW"},
                                         /*cgroup=*/"",
                                         state});
  ASSERT_TRUE(container.ok()) << container.status();
  id_ = container->id();
  const auto in_memory = [&] {
    const json known =
        json::parse(RunProgram({"runc", "--root", state, "state", id_}).out, nullptr, false);
    if (!known.is_object()) return false;
    std::error_code ignored;
    const auto exe = std::filesystem::read_symlink(
        "/proc/" + std::to_string(known.value("pid", 0)) + "/exe", ignored);
    return exe.string().starts_with("/memfd:walker");
  };
  ASSERT_TRUE(Eventually(in_memory));
  const Outcome executed = RunProgram({"runc", "--root", state, "exec", id_, "/bin/health", "raw"});
  EXPECT_EQ(executed.exit_code, 0) << executed.err;
  container->process().CloseInput();
  ASSERT_EQ(container->process().Wait().value_or(-1), 0) << container->process().err();
  ExpectFoundFromMemory(FinalProfile(daemon(), id_));
}

// What `runc exec` prepares in a running container is still the runtime's doing.
TEST_F(HiddenTest, NotWhatARuntimePreparesLater) {
  if (!CanRun()) return;
  const std::string state = directory_ / "state";
  auto container = RuncContainer::Start(
      {rootfs(), {"/bin/walker", "wait"}, {"CAP_NET_RAW"}, /*cgroup=*/"", state});
  ASSERT_TRUE(container.ok()) << container.status();
  Outcome executed;
  ASSERT_TRUE(Eventually([&] {
    executed = RunProgram({"runc", "--root", state, "exec", container->id(), "/bin/walker", "raw"});
    return executed.exit_code == 0;
  })) << executed.err;
  container->process().CloseInput();
  ASSERT_EQ(container->process().Wait().value_or(-1), 0) << container->process().err();
  const json profile = FinalProfile(daemon(), container->id());
  EXPECT_EQ(Keep(profile), std::set<std::string>{"CAP_NET_RAW"}) << profile.dump(1);
  EXPECT_EQ(Row(profile, "CAP_SETPCAP").value("verdict", ""), "runtime-only") << profile.dump(1);
}

}  // namespace
}  // namespace capmon
