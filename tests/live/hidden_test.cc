// SPDX-License-Identifier: Apache-2.0
// Ways of a workload to look like its runtime: from whatever it runs, it remains the workload, and
// running from memory raises an alert.
#include "tests/live/hidden_test.h"

#include <fcntl.h>
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
#include "tests/live/profile_json.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

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

// As for programs of other architectures: their interpreter was opened outside the container.
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

// A health check may be a link to a file in the memory of the first process: the runtime executes
// it as the first program of a new task.
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

// What `runc exec` prepares in a running container still belongs to the runtime.
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
