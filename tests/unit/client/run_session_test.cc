// SPDX-License-Identifier: Apache-2.0
#include "client/run/run_session.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>

#include "client/rpc/reference.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SessionName, IsAFileNameWhateverTheCommandIs) {
  EXPECT_EQ(SessionName("/usr/sbin/nginx", 7), "nginx-7");
  EXPECT_EQ(SessionName("../..", 7), "__-7");
  EXPECT_EQ(SessionName("a b\n", 7), "a_b_-7");
  EXPECT_EQ(SessionName("/", 7), "_-7");
  EXPECT_EQ(SessionName(std::string(300, 'x'), 7), std::string(32, 'x') + "-7");
}

TEST(ShellExitCode, IsWhatAShellWouldSay) {
  EXPECT_EQ(ShellExitCode(W_EXITCODE(0, 0)), 0);
  EXPECT_EQ(ShellExitCode(W_EXITCODE(3, 0)), 3);
  EXPECT_EQ(ShellExitCode(W_EXITCODE(0, SIGKILL)), 137);
}

// With a real cgroup, where we may make one.
class RunSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto session = RunSession::Create("sh");
    if (!session.ok() && std::getenv("CAPMON_REQUIRE_LIVE") == nullptr)
      GTEST_SKIP() << session.status();
    ASSERT_TRUE(session.ok()) << session.status();
    session_.emplace(*std::move(session));
  }
  void TearDown() override {
    if (!session_) return;
    const absl::Status removed = session_->Remove();
    EXPECT_TRUE(removed.ok()) << removed;
  }

  int Run(const std::string& script) {
    const auto result = session_->Run({"/bin/sh", "-c", script});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->exit_code : -1;
  }

  std::optional<RunSession> session_;
};

TEST_F(RunSessionTest, TheCommandIsInItsCgroupFromTheStart) {
  TempDir directory;
  EXPECT_EQ(Run("cat /proc/self/cgroup >" + directory / "cgroup"), 0);
  EXPECT_THAT(session_->cgroup(), StartsWith("/capmon.run/sh-"));
  EXPECT_EQ(CgroupPathIn(ReadFile(directory / "cgroup")), session_->cgroup());
  EXPECT_THAT(ReadFile("/proc/self/cgroup"), Not(HasSubstr(session_->cgroup())));
}

TEST_F(RunSessionTest, EndsAsTheCommandEnds) {
  EXPECT_EQ(Run("exit 5"), 5);
  EXPECT_EQ(Run("kill -KILL $$"), 128 + SIGKILL);
}

TEST_F(RunSessionTest, SaysWhatCannotBeExecuted) {
  auto result = session_->Run({"/no/such/program"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->exit_code, 127);
  EXPECT_THAT(result->not_started, HasSubstr("/no/such/program: No such file"));
  result = session_->Run({"/etc/passwd"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->exit_code, 126);
}

TEST_F(RunSessionTest, PassesSignalsOn) {
  // The command asks for the signal itself, so that it is surely waiting for it.
  EXPECT_EQ(Run("trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.05; done"), 9);
}

TEST_F(RunSessionTest, LeavesTheCommandItsSignals) {
  EXPECT_EQ(Run("grep -q 'SigBlk:.*0000000000000000' /proc/self/status"), 0);
}

TEST_F(RunSessionTest, ReportsRemainingProcesses) {
  TempDir directory;
  EXPECT_EQ(Run("sleep 1000 >/dev/null 2>&1 & echo $! >" + directory / "pid"), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(session_->Remove()));
  ASSERT_EQ(::kill(std::stoi(ReadFile(directory / "pid")), SIGKILL), 0);
}

}  // namespace
}  // namespace capmon
