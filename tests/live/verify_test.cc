// SPDX-License-Identifier: Apache-2.0
// `capmon verify`: real programs pass with the recommended set, and fail without a part of it, for
// the reason given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <set>
#include <string>

#include "tests/live/docker_watched_test.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/bpf_objects.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class VerifyTest : public WatchedTest {
 protected:
  VerifyTest() : WatchedTest({"busybox"}) {}
  const Line kPing = {"--", "busybox", "ping", "-c", "1", "127.0.0.1"};
};

TEST_F(VerifyTest, PingPassesWithWhatItNeeds) {
  const Outcome outcome = daemon().Capmon(Line{"verify"} + kPing);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "verified: busybox ping -c 1 127.0.0.1 did its job with NET_RAW and nothing else\n");
}

TEST_F(VerifyTest, PingFailsWithoutNetRawAndSaysWhere) {
  const Outcome outcome = daemon().Capmon(Line{"verify", "--without", "NET_RAW"} + kPing);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  const std::string how = KernelTellsResults() ? " (EPERM)" : "";
  EXPECT_THAT(outcome.out, HasSubstr("CAP_NET_RAW was denied to socket(2)" + how + " in /"));
  EXPECT_THAT(outcome.out, HasSubstr("exit status 0 -> 1"));
}

TEST_F(VerifyTest, TheSameAsOneJsonDocument) {
  const Outcome outcome = daemon().Capmon(Line{"verify", "--keep", "none", "-o", "json"} + kPing);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  const json verification = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(verification.is_object()) << outcome.out;
  EXPECT_EQ(verification.at("verified"), false);
  EXPECT_THAT(verification.at("keep"), IsEmpty());
  ASSERT_THAT(verification.at("denials"), SizeIs(1)) << outcome.out;
  const json& denial = verification.at("denials")[0];
  EXPECT_EQ(denial.at("capability"), "CAP_NET_RAW");
  EXPECT_EQ(denial.at("syscall"), "socket");
  EXPECT_EQ(denial.at("errnos"), KernelTellsResults() ? json({"EPERM"}) : json::array());
  EXPECT_EQ(verification.at("confined").at("exit_code"), 1);
  EXPECT_FALSE(verification.contains("before"));
}

TEST_F(VerifyTest, TheCommandHasExactlyTheSetAndItsUser) {
  // CHOWN and NET_RAW, everywhere but in the ambient set.
  const std::string look =
      "test \"$(grep -E '^Cap(Inh|Prm|Eff|Bnd)' /proc/self/status | grep -c 0000000000002001)\" = 4"
      " && grep -q 'CapAmb:.0000000000000000' /proc/self/status && test \"$(id -u)\" = 0";
  const Outcome outcome =
      daemon().Capmon({"verify", "--keep", "CHOWN,NET_RAW", "--", "sh", "-c", look});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
}

TEST_F(VerifyTest, TheCheckDecidesWhatTheExitStatusDoesNot) {
  const TempDir directory;
  ASSERT_TRUE(WriteFile(directory / "file", ""));
  ASSERT_EQ(chown((directory / "file").c_str(), 1, 1), 0);
  const std::string file = directory / "file";
  const Line line = {"--check", "test $(stat -c %u " + file + ") = 4711",
                     "--",      "sh",
                     "-c",      "chown 0 " + file + "; chown 4711 " + file + " || true"};
  EXPECT_EQ(daemon().Capmon(Line{"verify"} + line).exit_code, 0);
  const Outcome without = daemon().Capmon(Line{"verify", "--keep", "none"} + line);
  EXPECT_EQ(without.exit_code, 1) << without.err;
  EXPECT_THAT(without.out, HasSubstr("CAP_CHOWN was denied to "));
}

TEST_F(VerifyTest, WrongUsageIsOneSentence) {
  EXPECT_EQ(daemon().Capmon({"verify"}).exit_code, 2);
  EXPECT_EQ(daemon().Capmon({"verify", "--docker", "web", "--", "true"}).exit_code, 2);
  EXPECT_EQ(daemon().Capmon({"verify", "--keep", "FLY", "--", "true"}).exit_code, 2);
  EXPECT_EQ(daemon().Capmon({"verify", "--", "/no/such/program"}).exit_code, 2);
}

// A real nginx on a port that needs NET_BIND_SERVICE, with workers of another user.
class VerifyNginxTest : public WatchedTest {
 protected:
  VerifyNginxTest() : WatchedTest({"nginx", "busybox"}) {}

  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    // An address of its own, whatever listens on this machine.
    const int pid = getpid();
    address_ = "127.98." + std::to_string(pid / 250 % 250) + "." + std::to_string(pid % 250 + 1);
    ASSERT_TRUE(WriteFile(directory_ / "index.html", "served\n"));
    const std::string temporary = "_temp_path " + directory_.path() + "/";
    ASSERT_TRUE(WriteFile(directory_ / "nginx.conf",
                          "user www-data; pid " + directory_ / "pid" +
                              "; error_log stderr; events {}\n" +
                              "http { access_log off; client_body" + temporary + "body; proxy" +
                              temporary + "proxy; fastcgi" + temporary + "fastcgi; uwsgi" +
                              temporary + "uwsgi; scgi" + temporary + "scgi;\nserver { listen " +
                              address_ + ":80; root " + directory_.path() + "; } }\n"));
  }

  Outcome Verify(const Line& options) {
    return daemon().Capmon(Line{"verify", "--check-timeout", "5", "--check",
                                "busybox wget -q -O - http://" + address_ + "/ | grep -q served"} +
                           options +
                           Line{"--", "nginx", "-g", "daemon off;", "-p", directory_.path(), "-c",
                                directory_ / "nginx.conf"});
  }

  const TempDir directory_;
  std::string address_;
};

TEST_F(VerifyNginxTest, ServesWithWhatItNeeds) {
  const Outcome outcome = Verify({"-o", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  const json verification = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(verification.is_object()) << outcome.out << outcome.err;
  EXPECT_EQ(verification.at("confined").at("check"), "passed");
  EXPECT_THAT(verification.at("denials"), IsEmpty()) << outcome.out;
  const std::set<std::string> keep = verification.at("keep");
  EXPECT_THAT(keep, testing::IsSupersetOf({"CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"}));
}

TEST_F(VerifyNginxTest, FailsWithoutSetgidAndSaysWhere) {
  const Outcome outcome = Verify({"--without", "SETGID"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, testing::ContainsRegex(
                               "CAP_SETGID was denied to set(gid|groups)\\(2\\) \\(EPERM\\) in "));
  EXPECT_THAT(outcome.out, HasSubstr("the check failed"));
}

// Twins in a Docker of this test.
class VerifyDockerTest : public DockerWatchedTest {
 protected:
  void SetUp() override {
    DockerWatchedTest::SetUp();
    if (!CanRun() || !Containers().empty()) return;
    Run("owner", {},
        {"/bin/sh", "-c",
         "touch /srv/f; while :; do chown 1 /srv/f && chown 0 /srv/f || exit 3; sleep 1; done"});
    const json learned = ProfileOnce(daemon(), "owner", [](const json& now) {
      return Number(Row(now, "CAP_CHOWN"), "count") > 1;
    });
    ASSERT_EQ(Keep(learned), std::set<std::string>{"CAP_CHOWN"}) << learned.dump(1);
  }

  Line VerifyLine(const Line& options) const {
    return Line{"verify", "--docker", "owner", "--docker-socket", docker().socket()} + options;
  }
  // Returns all containers of the engine, running or not.
  static std::string Containers() {
    return docker().Docker({"ps", "-a", "--format", "{{.Names}}"}).out;
  }
};

TEST_F(VerifyDockerTest, ATwinPassesWithWhatTheOriginalNeeds) {
  const std::string exec = "docker -H unix://" + docker().socket() + " exec ";
  const Outcome outcome = daemon().Capmon(
      VerifyLine({"--check-timeout", "5", "--check",
                  exec + "$CAPMON_TWIN /bin/sh -c 'test -e /srv/f' && grep -q "
                         "'CapBnd:.0000000000000001' /proc/$CAPMON_TWIN_PID/status"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "verified: owner did its job with CHOWN and nothing else\n");
  EXPECT_EQ(Containers(), "owner\n");
}

TEST_F(VerifyDockerTest, ATwinWithoutChownEndsAndTheReasonIsPrinted) {
  const Outcome outcome = daemon().Capmon(VerifyLine({"--without", "CHOWN"}));
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, testing::ContainsRegex("CAP_CHOWN was denied to chown\\(2\\) \\(EPERM"));
  EXPECT_THAT(outcome.out, HasSubstr("it ended by itself, with exit status 3"));
  EXPECT_EQ(Containers(), "owner\n");
}

TEST_F(VerifyDockerTest, ACallThatTheNewFilterDeniesIsReported) {
  Run("spacious", {"--cap-add", "SYS_ADMIN"},
      {"/bin/sh", "-c", "while :; do unshare -U true; sleep 1; done"});
  const json learned = ProfileOnce(
      daemon(), "spacious", [](const json& now) { return Keep(now).contains("CAP_SYS_ADMIN"); });
  ASSERT_EQ(Keep(learned), std::set<std::string>{"CAP_SYS_ADMIN"}) << learned.dump(1);
  const Outcome outcome =
      daemon().Capmon({"verify", "--docker", "spacious", "--docker-socket", docker().socket(),
                       "--without", "SYS_ADMIN", "--check-timeout", "3", "--check", "false"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  EXPECT_THAT(
      outcome.out,
      HasSubstr("the seccomp filter denied unshare(2), which it allows only with SYS_ADMIN"));
  docker().Docker({"rm", "-f", "spacious"});
}

TEST_F(VerifyDockerTest, AnInterruptRemovesTheTwin) {
  auto verifying = ChildProcess::Start(
      daemon().CommandLine(VerifyLine({"--check-timeout", "600", "--check", "false"})));
  ASSERT_TRUE(verifying.ok()) << verifying.status();
  ASSERT_TRUE(Eventually([&] { return Containers() != "owner\n"; })) << verifying->err();
  verifying->Signal(SIGINT);
  EXPECT_EQ(verifying->Wait().value_or(-1), 128 + SIGINT) << verifying->err();
  EXPECT_EQ(Containers(), "owner\n");
}

TEST_F(VerifyDockerTest, WhatIsNotThereIsOneSentence) {
  const Outcome nobody =
      daemon().Capmon({"verify", "--docker", "nobody", "--docker-socket", docker().socket()});
  EXPECT_EQ(nobody.exit_code, 4) << nobody.err;
  const Outcome nowhere =
      daemon().Capmon({"verify", "--docker", "owner", "--docker-socket", directory() / "nowhere"});
  EXPECT_EQ(nowhere.exit_code, 3) << nowhere.err;
}

}  // namespace
}  // namespace capmon
