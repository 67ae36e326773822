// SPDX-License-Identifier: Apache-2.0
// `capmon run -- COMMAND`: the command behaves as without capmon, and its profile is printed.
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;

class RunCommandTest : public WatchedTest {
 protected:
  RunCommandTest() : WatchedTest({}) {}
  static constexpr char kTrigger[] = CAPMON_BINARY_DIR "/bin/trigger";
};

TEST_F(RunCommandTest, ReturnsTheExitCodeAndPrintsAProfile) {
  const Outcome outcome = daemon().Capmon({"run", "--", "sh", "-c", "echo worked; exit 7"});
  EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
  const std::string all = outcome.out + outcome.err;
  EXPECT_NE(outcome.out.find("worked\n"), std::string::npos) << all;
  EXPECT_NE(all.find("CAPABILITY"), std::string::npos) << all;
}

TEST_F(RunCommandTest, SeesTheCommandFromItsFirstInstruction) {
  const Outcome outcome =
      daemon().Capmon({"run", "-o", "json", "--", kTrigger, "--count", "3", "NET_RAW"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const size_t start = outcome.out.find('{');
  ASSERT_NE(start, std::string::npos) << outcome.out << outcome.err;
  const json profile = json::parse(outcome.out.substr(start), nullptr, false);
  ASSERT_TRUE(profile.is_object()) << outcome.out;
  EXPECT_EQ(Number(Row(profile, "CAP_NET_RAW"), "count"), 3u) << profile.dump(1);
  EXPECT_EQ(Keep(profile), std::set<std::string>{"CAP_NET_RAW"}) << profile.dump(1);
  EXPECT_EQ(profile.at("container").at("kind"), "session");
  EXPECT_EQ(profile.at("confidence").at("starts"), "1") << profile.dump(1);
}

TEST_F(RunCommandTest, TheCommandFindsItselfByProcessAndBySelf) {
  for (const std::string reference : {"self", "pid:$$"}) {
    const std::string ask =
        CapmonBinary() + " --address " + daemon().address() + " -o json profile " + reference;
    const Outcome outcome =
        daemon().Capmon({"run", "--output", "/dev/null", "--", "sh", "-c", ask + "; true"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const json profile = json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(profile.is_object()) << outcome.out << outcome.err;
    const std::string path = profile.at("container").at("cgroup_path");
    EXPECT_TRUE(path.starts_with("/capmon.run/sh-")) << path;
  }
}

TEST_F(RunCommandTest, PassesTerminationOnToTheCommand) {
  auto running = ChildProcess::Start(daemon().CommandLine(
      {"run", "--", "sh", "-c",
       "trap 'echo asked to end; exit 5' TERM; echo up; while :; do sleep 0.1; done"}));
  ASSERT_TRUE(running.ok()) << running.status();
  ASSERT_TRUE(Eventually([&] { return running->out().find("up\n") != std::string::npos; }))
      << running->err();
  running->Signal(SIGTERM);
  EXPECT_EQ(running->Wait().value_or(-1), 5) << running->err();
  EXPECT_NE(running->out().find("asked to end"), std::string::npos) << running->out();
}

TEST_F(RunCommandTest, EachArgumentReachesTheCommandAsItIs) {
  const Outcome outcome =
      daemon().Capmon({"run", "--", "printf", "%s;", "[a,b]", "-l", "", "[", "--", "[x]"});
  EXPECT_TRUE(daemon().Capmon({"run", "printf", "[a,b]", "[c]"}).out.starts_with("[a,b]"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("[a,b];-l;;[;--;[x];")) << outcome.out;
}

TEST_F(RunCommandTest, ACommandKilledBySignalIsReportedAsShellsDo) {
  EXPECT_EQ(daemon().Capmon({"run", "--", "sh", "-c", "kill -KILL $$"}).exit_code, 128 + SIGKILL);
}

TEST_F(RunCommandTest, ACommandThatDoesNotExistIsOneSentence) {
  const Outcome outcome = daemon().Capmon({"run", "--", "/no/such/program"});
  EXPECT_EQ(outcome.exit_code, 127);
  EXPECT_NE(outcome.err.find("/no/such/program"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace capmon
