// SPDX-License-Identifier: Apache-2.0
// `capmon minimize`: finds by trying what one run cannot show, and leaves nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "tests/live/docker_watched_test.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Returns what was found about a capability, or "".
std::string Found(const json& minimization, const std::string& capability) {
  for (const json& row : minimization.at("capabilities"))
    if (row.at("capability") == capability) return row.at("finding");
  return "";
}

std::string Needs() { return std::filesystem::canonical(CapmonBinary()).parent_path() / "needs"; }

class MinimizeTest : public WatchedTest {
 protected:
  MinimizeTest() : WatchedTest({"busybox"}) {}

  // Changes the owner of a file in every run, and puts up with a denial.
  Line Tolerant() const {
    return {"--", "sh", "-c", "chown 1 " + file_ + "; chown 0 " + file_ + "; true"};
  }
  // Undoes that before each run.
  Line Undone() const { return {"--before", "chown 0 " + file_}; }
  // Returns the first JSON document that capmon prints.
  json Minimize(const Line& line) {
    const Outcome outcome = daemon().Capmon(Line{"minimize", "-o", "json"} + line);
    json document = json::parse(outcome.out, nullptr, false);
    EXPECT_TRUE(document.is_object()) << outcome.out << outcome.err;
    return document;
  }
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(WriteFile(file_, ""));
  }

  const TempDir directory_;
  const std::string file_ = directory_ / "file";
};

TEST_F(MinimizeTest, WhatAProgramNeedsIsProven) {
  const Outcome outcome =
      daemon().Capmon({"minimize", "--", "busybox", "ping", "-c", "1", "127.0.0.1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              HasSubstr("busybox ping -c 1 127.0.0.1 did its job with NET_RAW and nothing else"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex(
                               "NET_RAW +proven +without it: CAP_NET_RAW was denied to socket"));
  EXPECT_THAT(outcome.err, HasSubstr("run 1: passed"));
}

TEST_F(MinimizeTest, ADenialThatIsToleratedIsFoundByTheCheck) {
  const json found = Minimize(Line{"--check", "test -e " + file_} + Undone() + Tolerant());
  EXPECT_THAT(found.at("keep"), IsEmpty()) << found.dump(1);
  EXPECT_EQ(Found(found, "CAP_CHOWN"), "unneeded");
  EXPECT_EQ(found.at("end"), "done");
  EXPECT_EQ(found.at("runs").size(), 4u) << found.dump(1);
  // Without a check a new denial is a failure.
  EXPECT_EQ(Found(Minimize(Tolerant()), "CAP_CHOWN"), "proven");
}

TEST_F(MinimizeTest, AProgramThatTakesWhatItHasNeedsNothing) {
  const std::string program = directory_ / "asks-for-what-it-has";
  std::filesystem::copy_file(Needs(), program);
  const json found =
      Minimize({"--", "sh", "-c", program + " look-and-drop 13 </dev/null >/dev/null"});
  EXPECT_THAT(found.at("keep"), IsEmpty()) << found.dump(1);
  const json insists = Minimize({"--", "sh", "-c", program + " insist 13 </dev/null >/dev/null"});
  EXPECT_EQ(Found(insists, "CAP_NET_RAW"), "proven") << insists.dump(1);
}

TEST_F(MinimizeTest, WorkThatIsDoneOnlyOnceIsKept) {
  const json found =
      Minimize({"--check", "test -e " + file_, "--", "sh", "-c",
                "test -e " + file_ + ".done || chown 1 " + file_ + "; touch " + file_ + ".done"});
  EXPECT_EQ(Found(found, "CAP_CHOWN"), "undecided") << found.dump(1);
  EXPECT_EQ(found.at("keep"), json({"CAP_CHOWN"}));
}

// The owner that an earlier run changed is still that in a run without CHOWN.
TEST_F(MinimizeTest, WhatAnEarlierRunLeftBehindProvesNothing) {
  const Line job = {"--check", "test $(stat -c %u " + file_ + ") = 1", "--", "sh",
                    "-c",      "chown 1 " + file_ + "; true"};
  const json kept = Minimize(job);
  EXPECT_EQ(Found(kept, "CAP_CHOWN"), "undecided") << kept.dump(1);
  EXPECT_EQ(kept.at("keep"), json({"CAP_CHOWN"}));
  const json undone = Minimize(Line{"--check-timeout", "1"} + Undone() + job);
  EXPECT_EQ(Found(undone, "CAP_CHOWN"), "proven") << undone.dump(1);
  const Outcome failed = daemon().Capmon(Line{"minimize", "--before", "exit 7"} + Tolerant());
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.err, HasSubstr("--before ended with exit status 7"));
}

TEST_F(MinimizeTest, ACheckThatFailsOrIsRandomDecidesNothing) {
  const json fails = Minimize(Line{"--check-timeout", "1", "--check", "false"} + Tolerant());
  EXPECT_EQ(fails.at("end"), "check-fails");
  EXPECT_EQ(fails.at("keep"), json({"CAP_CHOWN"}));
  // Passes seven times of ten.
  // In the same order each time, from two beginnings: the job passes, and fails.
  const std::string count = directory_ / "count";
  for (const char* start : {"1", "0"}) {
    ASSERT_TRUE(WriteFile(count, start));
    const json random = Minimize(Line{"--check", "n=$(($(cat " + count + ") + 1)); echo $n >" +
                                                     count + "; test $((n * 7 % 10)) -lt 7"} +
                                 Tolerant());
    EXPECT_EQ(random.at("end"), "random");
    EXPECT_THAT(std::string(random.at("reason")), HasSubstr("cannot be decided"));
    EXPECT_EQ(random.at("keep"), json({"CAP_CHOWN"}));
  }
}

TEST_F(MinimizeTest, ThePlanIsPrintedAndNothingTried) {
  const Outcome outcome = daemon().Capmon(
      Line{"minimize", "--dry-run", "--max-runs", "7", "--check", "true"} + Tolerant());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("at most 7 runs"));
  EXPECT_THAT(outcome.out, HasSubstr("without each of CHOWN"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("run 1")));
}

TEST_F(MinimizeTest, ARunnerHasToSayWhatItRanAndHowThatEnded) {
  const auto err = [&](const std::string& runner) {
    return daemon().Capmon({"minimize", "--runner", runner}).err;
  };
  EXPECT_THAT(err("exit 3"), HasSubstr("ended with exit status 3"));
  EXPECT_THAT(err("true"), HasSubstr("printed no reference"));
  EXPECT_THAT(err("echo no-such-container"), HasSubstr("no profile of \"no-such-container\""));
}

TEST_F(MinimizeTest, AnInterruptGivesTheBestSetSoFar) {
  // The second run fails its check, which is repeated until its time is over.
  auto minimizing = ChildProcess::Start(daemon().CommandLine(
      {"minimize", "--check-timeout", "3", "--check", "test $(wc -l <" + file_ + ") -le 1", "--",
       "sh", "-c", "echo run >>" + file_ + "; exec sleep 600"}));
  ASSERT_TRUE(minimizing.ok()) << minimizing.status();
  ASSERT_TRUE(Eventually([&] { return ReadFile(file_) == "run\nrun\n"; })) << minimizing->err();
  minimizing->Signal(SIGTERM);
  EXPECT_EQ(minimizing->Wait().value_or(-1), 128 + SIGTERM) << minimizing->err();
  EXPECT_THAT(minimizing->out(), HasSubstr("ended early: interrupted"));
}

TEST_F(MinimizeTest, WhatAKilledOneLeftBehindIsRemoved) {
  auto killed = ChildProcess::Start(daemon().CommandLine(
      {"minimize", "--", "sh", "-c", "echo $$ >" + file_ + "; exec sleep 600"}));
  ASSERT_TRUE(killed.ok()) << killed.status();
  ASSERT_TRUE(Eventually([&] { return !ReadFile(file_).empty(); })) << killed->err();
  const pid_t left = std::stoi(ReadFile(file_));
  killed->Signal(SIGKILL);
  (void)killed->Wait();
  EXPECT_EQ(kill(left, 0), 0);
  EXPECT_EQ(daemon().Capmon({"minimize", "--", "true"}).exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return kill(left, 0) != 0; }));
}

// The container of a bundle.
class MinimizeBundleTest : public WatchedTest {
 protected:
  MinimizeBundleTest() : WatchedTest({"runc", "busybox"}) {}

  // Its job changes an owner, puts up with a denial of that, and sends a ping.
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeBusyboxRootfs(bundle_ / "rootfs").ok());
    Write("touch /touched; chown 1 /touched; exec busybox ping -c 1 127.0.0.1");
  }
  void Write(const std::string& job) {
    const json all = {"CAP_CHOWN", "CAP_NET_RAW", "CAP_KILL"};
    json namespaces = json::array();
    for (const char* type : {"pid", "mount", "network", "ipc", "uts"})
      namespaces.push_back({{"type", type}});
    const json config = {
        {"ociVersion", "1.0.2"},
        {"process",
         {{"user", {{"uid", 0}, {"gid", 0}}},
          {"args", {"/bin/sh", "-c", job}},
          {"env", {"PATH=/bin"}},
          {"cwd", "/"},
          {"capabilities", {{"bounding", all}, {"effective", all}, {"permitted", all}}}}},
        {"root", {{"path", "rootfs"}}},
        {"mounts", {{{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}}}},
        {"linux", {{"namespaces", namespaces}}}};
    ASSERT_TRUE(WriteFile(bundle_ / "config.json", config.dump(1)));
  }
  // Starts a search whose container stays, and returns the first process of that.
  pid_t Searching(std::optional<ChildProcess>& minimizing) {
    const std::string file = bundle_ / "pid";
    EXPECT_TRUE(WriteFile(file, ""));
    auto started = ChildProcess::Start(
        daemon().CommandLine({"minimize", "--oci", bundle_.path(), "--check-timeout", "600",
                              "--check", "echo $CAPMON_TWIN_PID >" + file + "; exec sleep 600"}));
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return 0;
    minimizing.emplace(*std::move(started));
    const bool checked = Eventually([&] { return ReadFile(file).ends_with('\n'); });
    EXPECT_TRUE(checked) << minimizing->err();
    return checked ? std::stoi(ReadFile(file)) : 0;
  }

  const TempDir bundle_;
};

TEST_F(MinimizeBundleTest, EachRunHasAContainerOfItsOwn) {
  const Outcome outcome =
      daemon().Capmon({"minimize", "-o", "json", "--oci", bundle_.path(), "--check", "true"});
  const json found = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(found.is_object()) << outcome.out << outcome.err;
  EXPECT_EQ(found.at("keep"), json({"CAP_NET_RAW"})) << outcome.err;
  EXPECT_EQ(Found(found, "CAP_NET_RAW"), "proven");
  EXPECT_EQ(Found(found, "CAP_CHOWN"), "unneeded");
  EXPECT_FALSE(std::filesystem::exists(bundle_ / "rootfs/touched"));
}

TEST_F(MinimizeBundleTest, WhatAKilledOneLeftBehindIsRemoved) {
  Write("exec sleep 600");
  std::optional<ChildProcess> killed, next;
  const pid_t left = Searching(killed);
  ASSERT_NE(left, 0);
  killed->Signal(SIGKILL);
  (void)killed->Wait();
  EXPECT_EQ(kill(left, 0), 0);
  EXPECT_THAT(ReadFile("/proc/mounts"), Not(HasSubstr("capmon_minimize")));
  const pid_t last = Searching(next);
  ASSERT_NE(last, 0);
  EXPECT_TRUE(Eventually([&] { return kill(left, 0) != 0; }));
  next->Signal(SIGTERM);
  EXPECT_EQ(next->Wait().value_or(-1), 128 + SIGTERM) << next->err();
  EXPECT_TRUE(Eventually([&] { return kill(last, 0) != 0; }));
  for (const pid_t ended : {killed->pid(), next->pid()})
    EXPECT_FALSE(std::filesystem::exists("/run/capmon_minimize-0-" + std::to_string(ended)));
}

// Twins in a Docker of this test.
class MinimizeDockerTest : public DockerWatchedTest {
 protected:
  void SetUp() override {
    DockerWatchedTest::SetUp();
    if (!CanRun() || !Containers().empty()) return;
    // Serves a file on a port that needs NET_BIND_SERVICE here; puts up without CHOWN.
    Run("web",
        {"--sysctl", "net.ipv4.ip_unprivileged_port_start=1024", "-v", "kept:/kept", "--label",
         "com.docker.compose.project=shop", "--label", "com.docker.compose.service=front"},
        {"/bin/sh", "-c",
         "echo served >/srv/index.html; chown 1 /srv/index.html; chown 0 /srv/index.html; "
         "echo start >>/kept/starts; exec /bin/busybox httpd -f -p 80 -h /srv"});
    const json learned = ProfileOnce(daemon(), "web", [](const json& now) {
      return Keep(now).contains("CAP_NET_BIND_SERVICE");
    });
    ASSERT_EQ(Keep(learned), (std::set<std::string>{"CAP_CHOWN", "CAP_NET_BIND_SERVICE"}))
        << learned.dump(1);
  }

  Line MinimizeLine(const Line& options) const {
    return Line{"minimize", "--docker", "web", "--docker-socket", docker().socket()} + options;
  }
  Line Check() const {
    return {"--check-timeout", "2", "--check",
            "docker -H unix://" + docker().socket() +
                " exec $CAPMON_TWIN /bin/busybox wget -q -O - http://127.0.0.1/ | grep served"};
  }
  // Returns all containers of the engine, running or not.
  static std::string Containers() {
    return docker().Docker({"ps", "-a", "--format", "{{.Names}}"}).out;
  }
  // Starts a search, and returns when it has a twin.
  absl::StatusOr<ChildProcess> Searching() {
    auto minimizing = ChildProcess::Start(
        daemon().CommandLine(MinimizeLine({"--check-timeout", "600", "--check", "sleep 600"})));
    if (!minimizing.ok()) return minimizing;
    EXPECT_TRUE(Eventually([&] { return Containers() != "web\n"; })) << minimizing->err();
    return minimizing;
  }
};

TEST_F(MinimizeDockerTest, TwinsShowWhatIsNeededAndTheOriginalIsNotTouched) {
  const Outcome outcome = daemon().Capmon(Line{"-o", "json"} + MinimizeLine(Check()));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  const json found = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(found.is_object()) << outcome.out << outcome.err;
  EXPECT_EQ(found.at("keep"), json({"CAP_CHOWN", "CAP_NET_BIND_SERVICE"})) << outcome.err;
  EXPECT_EQ(Found(found, "CAP_NET_BIND_SERVICE"), "proven");
  EXPECT_EQ(Found(found, "CAP_CHOWN"), "undecided") << "the volume may have what it did before";
  EXPECT_EQ(Containers(), "web\n");
  // No twin wrote to the volume.
  EXPECT_EQ(docker().Docker({"exec", "web", "/bin/busybox", "cat", "/kept/starts"}).out, "start\n");
}

TEST_F(MinimizeDockerTest, ATwinWritesToCopiesOfVolumes) {
  const std::string volumes = docker().Docker({"volume", "ls", "-q"}).out;
  const std::string kept =
      "test \"$(docker -H unix://" + docker().socket() +
      " exec $CAPMON_TWIN /bin/busybox cat /kept/starts)\" = \"$(printf 'start\\nstart')\"";
  const Outcome outcome =
      daemon().Capmon(Line{"-o", "json"} + MinimizeLine({"--copy-volumes", "--max-runs", "2",
                                                         "--check-timeout", "2", "--check", kept}));
  const json found = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(found.is_object()) << outcome.out << outcome.err;
  for (const json& run : found.at("runs")) EXPECT_EQ(run.at("result"), "passed") << outcome.err;
  EXPECT_EQ(found.at("runs").size(), 2u);
  EXPECT_EQ(docker().Docker({"exec", "web", "/bin/busybox", "cat", "/kept/starts"}).out, "start\n");
  EXPECT_EQ(docker().Docker({"volume", "ls", "-q"}).out, volumes);
}

// Neither a later run nor the original, which goes on writing, changes what a run begins with.
TEST_F(MinimizeDockerTest, EachRunBeginsWithTheVolumesAsTheyWereBeforeTheFirst) {
  const std::string exec = "docker -H unix://" + docker().socket() + " exec ";
  const std::string as_before =
      "test \"$(" + exec +
      "$CAPMON_TWIN /bin/busybox cat /kept/starts)\" = " + "\"$(printf 'start\\nstart')\" && " +
      exec + "web /bin/sh -c 'echo more >>/kept/starts'";
  const Outcome outcome = daemon().Capmon(
      Line{"-o", "json"} + MinimizeLine({"--copy-volumes", "--max-runs", "2", "--check-timeout",
                                         "2", "--check", as_before}));
  const json found = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(found.is_object()) << outcome.out << outcome.err;
  EXPECT_EQ(found.at("runs").size(), 2u) << outcome.err;
  for (const json& run : found.at("runs")) EXPECT_EQ(run.at("result"), "passed") << outcome.err;
}

TEST_F(MinimizeDockerTest, ACheckThatReachesTheOriginalProvesNothing) {
  const Outcome outcome = daemon().Capmon(
      Line{"-o", "json"} +
      MinimizeLine({"--check-timeout", "2", "--check",
                    "docker -H unix://" + docker().socket() +
                        " exec web /bin/busybox wget -q -O - http://127.0.0.1/ | grep served"}));
  const json found = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(found.is_object()) << outcome.out << outcome.err;
  EXPECT_EQ(found.at("keep").size(), 2u) << found.dump(1);
  EXPECT_EQ(Found(found, "CAP_CHOWN"), "undecided");
  EXPECT_THAT(outcome.out, HasSubstr("the check passes without the job as well"));
}

TEST_F(MinimizeDockerTest, AServiceOfComposeIsFoundByItsLabels) {
  const std::string file = directory() / "compose.yaml";
  ASSERT_TRUE(WriteFile(file, "name: shop\nservices:\n  front: {image: web}\n  back: {}\n"));
  const auto plan = [&](const std::string& service) {
    return daemon().Capmon({"minimize", "--dry-run", "--compose", file, service, "--docker-socket",
                            docker().socket()});
  };
  EXPECT_THAT(plan("front").out, HasSubstr("plan for web, at most 12 runs"));
  EXPECT_THAT(plan("back").err, HasSubstr("no container of service \"back\""));
}

TEST_F(MinimizeDockerTest, NoTwinIsLeftBehind) {
  auto interrupted = Searching();
  ASSERT_TRUE(interrupted.ok()) << interrupted.status();
  interrupted->Signal(SIGINT);  // while the check hangs
  EXPECT_EQ(interrupted->Wait().value_or(-1), 128 + SIGINT) << interrupted->err();
  EXPECT_EQ(Containers(), "web\n");

  auto killed = Searching();
  ASSERT_TRUE(killed.ok()) << killed.status();
  killed->Signal(SIGKILL);
  (void)killed->Wait();
  EXPECT_THAT(Containers(), HasSubstr("web-capmon-minimize-"));
  auto next = Searching();
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(Eventually([&] {
    return Containers().find("-" + std::to_string(killed->pid()) + "-") == std::string::npos;
  })) << Containers();
  next->Signal(SIGTERM);
  EXPECT_EQ(next->Wait().value_or(-1), 128 + SIGTERM) << next->err();
  EXPECT_EQ(Containers(), "web\n");
}

}  // namespace
}  // namespace capmon
