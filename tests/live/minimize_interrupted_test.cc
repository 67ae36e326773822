// SPDX-License-Identifier: Apache-2.0
// `capmon minimize --docker`, interrupted in every way at every stage: nothing is left behind, and
// the container asked about is not touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "tests/live/docker_watched_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/request_gate.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Returns the cgroups of this container in all hierarchies.
std::string CgroupsOf(const std::string& id) {
  return RunProgram({"find", "/sys/fs/cgroup", "-type", "d", "-name", "*" + id + "*"}).out;
}

// A container with a volume of its own, so that each twin has one as well.
class TwinsTest : public DockerWatchedTest {
 protected:
  // A program that cannot be executed without NET_RAW.
  void AddFiles(const std::string& rootfs) override {
    const std::string program = rootfs + "/bin/busybox-carrying";
    std::filesystem::copy_file(rootfs + "/bin/busybox", program);
    ASSERT_TRUE(Carry(program, CAP_NET_RAW, /*effective=*/true));
  }
  void SetUp() override {
    DockerWatchedTest::SetUp();
    if (!CanRun() || !Containers().empty()) return;
    Run("web",
        {"--sysctl", "net.ipv4.ip_unprivileged_port_start=1024", "-v", "/scratch", "--stop-timeout",
         "1"},
        {"/bin/sh", "-c",
         "echo served >/srv/index.html; chown 1 /srv/index.html; chown 0 /srv/index.html; "
         "exec /bin/busybox httpd -f -p 80 -h /srv"});
    const json learned = ProfileOnce(daemon(), "web", [](const json& now) {
      return Keep(now).contains("CAP_NET_BIND_SERVICE");
    });
    ASSERT_EQ(Keep(learned), (std::set<std::string>{"CAP_CHOWN", "CAP_NET_BIND_SERVICE"}))
        << learned.dump(1);
  }

  static Line MinimizeLine(const std::string& socket, const Line& options) {
    return Line{"minimize", "--docker", "web", "--docker-socket", socket} + options;
  }
  static ChildProcess Minimizing(const std::string& socket, const Line& options) {
    auto started = ChildProcess::Start(daemon().CommandLine(MinimizeLine(socket, options)));
    EXPECT_TRUE(started.ok()) << started.status();
    return *std::move(started);
  }
  // What the next one removes, before it runs anything.
  static void MinimizeNext() {
    const Outcome next = daemon().Capmon(MinimizeLine(docker().socket(), {"--dry-run"}));
    EXPECT_EQ(next.exit_code, 0) << next.err;
  }
  static std::string Containers() {
    return docker().Docker({"ps", "-a", "--format", "{{.Names}}"}).out;
  }
  // Returns everything that must not change, as lines: the container, and what else there is.
  static std::multiset<std::string> State() {
    std::multiset<std::string> lines;
    const std::vector<Line> questions = {{"inspect", "-f", "{{json .State}}", "web"},
                                         {"inspect", "-f", "{{json .HostConfig}}", "web"},
                                         {"diff", "web"},
                                         {"volume", "ls", "-q"},
                                         {"network", "ls", "-q"},
                                         {"ps", "-a", "--format", "{{.Names}}"}};
    for (const Line& question : questions) {
      std::istringstream answer(docker().Docker(question).out);
      for (std::string line; std::getline(answer, line);) lines.insert(line);
    }
    return lines;
  }
};

struct Stage {
  const char* name;
  GatePoint point;   // no method: the check decides
  bool twin = true;  // there is one
};
void PrintTo(const Stage& stage, std::ostream* out) { *out << stage.name; }

const Stage kStages[] = {
    {"BeforeTheFirstTwin", {"GET", "/containers/json"}, /*twin=*/false},
    {"AVolumeIsCopied", {"POST", "/volumes/create"}, /*twin=*/false},
    {"ATwinIsMade", {"POST", "/containers/create"}},
    {"ATwinStarts", {"POST", "/start"}},
    {"TheCheckRuns", {}},
    {"ATwinIsRemoved", {"DELETE", "/containers/", 1, /*answered=*/false}},
    {"BetweenTwins", {"DELETE", "/containers/"}},
    {"ALaterTwinIsMade", {"POST", "/containers/create", 2}},
};

class InterruptedTest : public TwinsTest,
                        public testing::WithParamInterface<std::tuple<Stage, int>> {
 protected:
  // Starts a search, and returns when it has come to the stage.
  ChildProcess SearchingUntil(const Stage& stage, RequestGate& gate, const std::string& socket) {
    const std::string file = directory() / "checked";
    std::filesystem::remove(file);
    const bool check = stage.point.method.empty();
    if (!check) gate.StopAt(stage.point);
    const Line line = check ? Line{"--check-timeout", "600", "--check",
                                   "echo $$ >" + file + "; trap '' TERM INT; sleep 600"}
                            : Line{"--check-timeout", "1", "--check", "true"};
    ChildProcess minimizing = Minimizing(socket, Line{"--copy-volumes"} + line);
    EXPECT_TRUE(Eventually([&] { return check ? ReadFile(file).ends_with('\n') : gate.Stopped(); }))
        << minimizing.err();
    return minimizing;
  }
};

TEST_P(InterruptedTest, NothingIsLeftBehind) {
  const auto& [stage, signal] = GetParam();
  const auto before = State();
  const std::string socket = directory() / "gate.sock";
  RequestGate gate(socket, docker().socket());
  ChildProcess minimizing = SearchingUntil(stage, gate, socket);
  minimizing.Signal(signal);
  if (signal == SIGKILL) {
    EXPECT_TRUE(Eventually([&] { return !minimizing.Running(); }));
  }
  gate.Release();
  EXPECT_EQ(minimizing.Wait().value_or(-1), 128 + signal) << minimizing.err();
  if (signal == SIGKILL) MinimizeNext();
  if (const std::string check = ReadFile(directory() / "checked"); !check.empty())
    kill(-std::stoi(check), SIGKILL);  // of a killed capmon

  EXPECT_EQ(State(), before) << minimizing.err();
  for (const std::string& id : gate.Created()) EXPECT_EQ(CgroupsOf(id), "");
  EXPECT_NE(gate.Created().empty(), stage.twin);
}

std::string NameOf(const testing::TestParamInfo<std::tuple<Stage, int>>& test) {
  return std::string(std::get<0>(test.param).name) + "_" + sigabbrev_np(std::get<1>(test.param));
}

INSTANTIATE_TEST_SUITE_P(AtEachStage, InterruptedTest,
                         testing::Combine(testing::ValuesIn(kStages),
                                          testing::Values(SIGINT, SIGTERM, SIGKILL)),
                         NameOf);

TEST_F(TwinsTest, ACheckThatHangsEndsWithItsTime) {
  const auto before = State();
  const Outcome hangs = daemon().Capmon(MinimizeLine(
      docker().socket(), {"--check-timeout", "1", "--check", "trap '' TERM INT; sleep 600"}));
  EXPECT_EQ(hangs.exit_code, 1) << hangs.err;
  EXPECT_THAT(hangs.out, HasSubstr("the job fails without that: the check failed"));
  EXPECT_EQ(State(), before);
}

// The counterpart of a full disk; runtimes differ in whether the start fails.
TEST_F(TwinsTest, AnExecThatIsDeniedIsAFailureOfTheSet) {
  Run("carrier", {}, {"/bin/busybox-carrying", "sleep", "600"});
  ProfileOnce(daemon(), "carrier",
              [](const json& now) { return Keep(now) == std::set<std::string>{"CAP_NET_RAW"}; });
  const Outcome outcome =
      daemon().Capmon({"minimize", "--docker", "carrier", "--docker-socket", docker().socket(),
                       "--check-timeout", "1", "--check", "true"});
  docker().Docker({"rm", "-f", "carrier"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              testing::ContainsRegex(
                  "NET_RAW +proven +without it: it (could not be started|ended by itself)"));
  EXPECT_EQ(Containers(), "web\n");
}

// Passes seven times of ten, always in the same order.
TEST_F(TwinsTest, WhatACheckThatIsRandomShowsCannotBeDecided) {
  const auto before = State();
  const std::string file = directory() / "count";
  for (const char* start : {"0", "7"}) {
    ASSERT_TRUE(WriteFile(file, start));
    const Outcome random = daemon().Capmon(MinimizeLine(
        docker().socket(),
        {"--check-timeout", "3", "--check",
         "n=$(($(cat " + file + ") + 1)); echo $n >" + file + "; test $((n * 7 % 10)) -lt 7"}));
    EXPECT_EQ(random.exit_code, 1) << random.err;
    EXPECT_THAT(random.out, HasSubstr("what is needed cannot be decided: the check both passed"));
  }
  EXPECT_EQ(State(), before);
}

// The container ends with the engine, and is started again by the test.
class RestartedEngineTest : public TwinsTest {
 protected:
  // Restarts the engine while a check runs, which fails afterwards.
  Outcome MinimizeMeanwhile(int signal, const std::string& check_timeout) {
    const std::string begun = directory() / "begun", goes_on = directory() / "goes-on";
    ChildProcess minimizing = Minimizing(
        docker().socket(),
        {"--check-timeout", check_timeout, "--check",
         "touch " + begun + "; until test -e " + goes_on + "; do sleep 0.1; done; false"});
    EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(begun); })) << minimizing.err();
    const absl::Status restarted = docker().Restart(signal);
    EXPECT_TRUE(restarted.ok()) << restarted;
    EXPECT_TRUE(WriteFile(goes_on, ""));
    const int exit_code = minimizing.Wait().value_or(-1);
    return {exit_code, minimizing.out(), minimizing.err()};
  }
};

TEST_F(RestartedEngineTest, ATwinThatEndedWithItShowsNothing) {
  const Outcome outcome = MinimizeMeanwhile(SIGTERM, "600");
  EXPECT_EQ(outcome.exit_code, 3) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("ended or was restarted during the run"));
  EXPECT_EQ(outcome.out.find("proven"), std::string::npos) << outcome.out;
  EXPECT_EQ(Containers(), "web\n");
}

// One that leaves containers running.
class LiveRestoreTest : public RestartedEngineTest {
 protected:
  DockerOptions OptionsOfDocker() override { return {.flags = {"--live-restore"}}; }
};

TEST_F(LiveRestoreTest, AKilledEngineLeavesNoTwin) {
  const auto before = State();
  const Outcome outcome = MinimizeMeanwhile(SIGKILL, "8");
  EXPECT_EQ(outcome.exit_code, 3) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("no run of web passed"));
  EXPECT_EQ(State(), before) << outcome.err;
}

class FullDiskTest : public TwinsTest {
 protected:
  DockerOptions OptionsOfDocker() override { return {.size = "64m"}; }
};

TEST_F(FullDiskTest, WhatTheEngineCannotDoShowsNothing) {
  const auto before = State();
  const std::string socket = directory() / "gate.sock", filler = docker().data_root() + "/filler";
  const auto fill = [&] { RunProgram({"dd", "if=/dev/zero", "of=" + filler, "bs=4k"}); };
  fill();
  const Outcome not_made = daemon().Capmon(MinimizeLine(docker().socket(), {"--check", "true"}));
  EXPECT_EQ(not_made.exit_code, 3) << not_made.err;
  EXPECT_THAT(not_made.out, HasSubstr("no space left on device"));
  std::filesystem::remove(filler);
  EXPECT_EQ(State(), before) << not_made.err;

  RequestGate gate(socket, docker().socket());
  gate.StopAt({"POST", "/containers/create"});
  ChildProcess not_started = Minimizing(socket, {"--check", "true"});
  EXPECT_TRUE(Eventually([&] { return gate.Stopped(); })) << not_started.err();
  fill();
  gate.Release();
  EXPECT_EQ(not_started.Wait().value_or(-1), 3) << not_started.out();
  EXPECT_THAT(not_started.out(), HasSubstr("cannot start the twin: "));
  std::filesystem::remove(filler);
  EXPECT_EQ(State(), before) << not_started.err();
}

}  // namespace
}  // namespace capmon
