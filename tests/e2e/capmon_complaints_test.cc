// SPDX-License-Identifier: Apache-2.0
// Errors of capmon: each has an exit code and one sentence that says what to do.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "tests/e2e/complaint.h"
#include "tests/e2e/sample_daemon.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr uid_t kNobody = 65534;

Outcome Capmon(const std::vector<std::string>& arguments, const ProcessOptions& options = {}) {
  std::vector<std::string> line = {CapmonBinary()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return RunProgram(line, options);
}

TEST(CapmonComplaintsTest, Usage) {
  ExpectComplaint(Capmon({"no-such-command"}), 2, "no-such-command");
  ExpectComplaint(Capmon({}), 2, "capmon --help");
  ExpectComplaint(Capmon({"lst"}), 2, "the nearest is \"list\"");
  ExpectComplaint(Capmon({"help", "profle"}), 2, "the nearest is \"profile\"");
  ExpectComplaint(Capmon({"list", "--no-such-flag"}), 2, "--no-such-flag");
  ExpectComplaint(Capmon({"list", "--instnaces", "--zzz"}), 2, "the nearest is \"--instances\"");
  ExpectComplaint(Capmon({"list", "--filter", "web"}), 2, "namespace");
  ExpectComplaint(Capmon({"list", "--filter", ""}), 2, "empty");
  ExpectComplaint(Capmon({"list", "--sort", "age"}), 2, "checks");
  ExpectComplaint(Capmon({"list", "-q", "-o", "json"}), 2, "-q");
  ExpectComplaint(Capmon({"profile", "a", "b", "--as", "k8s"}), 2, "one container");
  ExpectComplaint(Capmon({"status", "-o", "csv"}), 2, "capmon list");
  ExpectComplaint(Capmon({"list", "-o", "xml"}), 2, "json");
  ExpectComplaint(Capmon({"status", "-o", "matrix"}), 2, "capmon list");
  ExpectComplaint(Capmon({"list", "--color", "red"}), 2, "always");
  ExpectComplaint(Capmon({"report"}), 2, "--output");
  ExpectComplaint(Capmon({"report", "-o", "json"}), 2, "./json");
  ExpectComplaint(Capmon({"profile"}), 2, "container");
  ExpectComplaint(Capmon({"profile", "web", "--as", "helm"}), 2, "k8s-patch");
  ExpectComplaint(Capmon({"profile", "web", "--as", ""}), 2, "k8s-patch");
  ExpectComplaint(Capmon({"profile", "web", "--as", "k8s", "-o", "json"}), 2,
                  "cannot be combined with -o");
  ExpectComplaint(Capmon({"profile", "web", "--enforce"}), 2, "--as");
  ExpectComplaint(Capmon({"profile", "web", "--as", "docker", "--enforce"}), 2, "vap");
  ExpectComplaint(Capmon({"explain", "web"}), 2, "capability");
  ExpectComplaint(Capmon({"run"}), 2, "command");
  ExpectComplaint(Capmon({"decode"}), 2, "mask");
  ExpectComplaint(Capmon({"decode", "everything"}), 2, "everything");
  ExpectComplaint(Capmon({"--address", "garbage", "list"}), 2, "garbage");
}

// As --help of the command itself.
TEST(CapmonComplaintsTest, Help) {
  const Outcome help = Capmon({"help", "ls"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.out, Capmon({"list", "--help"}).out);
  EXPECT_EQ(Capmon({"help"}).out, Capmon({"--help"}).out);
}

TEST(CapmonComplaintsTest, NamesAndMasksThatAreNone) {
  for (const char* text : {"chown;net_raw", "chown|net_raw", "chown/x", "cap_cap_chown", "cap_",
                           "64", "chown,,kill", "chown,", "ch\xc3\xb6wn", "chown\xff"}) {
    SCOPED_TRACE(text);
    ExpectComplaint(Capmon({"encode", text}), 2, "");
    ExpectComplaint(Capmon({"verify", "--keep", text, "--", "true"}), 2, "");
    ExpectComplaint(Capmon({"explain", "web", text}), 2, "there is no capability");
  }
  ExpectComplaint(Capmon({"verify", "--keep", "", "--", "true"}), 2, "there is no capability");
  for (const char* text : {"[4294967295, 63]", "[4294967295,63]", "[0]", "1;2", "0x", "1_0"})
    ExpectComplaint(Capmon({"decode", text}), 2, "hexadecimal");
  EXPECT_EQ(Capmon({"encode", "chown,chown"}).out, "0x0000000000000001\n");
}

// One word is one argument, whatever brackets it has, and a list of them goes on after the first.
TEST(CapmonComplaintsTest, WordsInBracketsAndSeveralWords) {
  EXPECT_EQ(Capmon({"decode", "1", "2", "-o", "jsonl"}).exit_code, 0);
  EXPECT_EQ(Capmon({"encode", "chown", "kill"}).exit_code, 0);
  ExpectComplaint(Capmon({"approve", "[a,b]", "[c,d]"}), 2,
                  "[c,d]\" is no argument of capmon approve");
  ExpectComplaint(Capmon({"verify", "--keep", "[kill]", "--", "true", "a"}), 2, "[kill]");
  const Outcome run = Capmon({"--address", "unix:///no/such/socket", "verify", "--keep", "kill",
                              "--", "/bin/echo", "a", "[b,c]", "[ d ]"});
  ExpectComplaint(run, 3, "capmond is not running");
}

TEST(CapmonComplaintsTest, ArgumentsOfSixtyThousandBytes) {
  const std::string longest(60'000, 'x');
  const std::string about = "xxxx";
  ExpectComplaint(Capmon({"profile", longest}), 2, "60000 bytes");
  ExpectComplaint(Capmon({"watch", longest}), 2, "60000 bytes");
  EXPECT_LT(Capmon({"inspect", longest}).err.size(), 1000u);
  ExpectComplaint(Capmon({"explain", "web", longest}), 2, about);
  ExpectComplaint(Capmon({"profile", "web", "--as", longest}), 2, about);
  ExpectComplaint(Capmon({"encode", longest}), 2, about);
  ExpectComplaint(Capmon({"decode", longest}), 2, about);
  ExpectComplaint(Capmon({"verify", "--keep", longest, "--", "true"}), 2, about);
  ExpectComplaint(Capmon({"verify", "--without", longest, "--", "true"}), 2, about);
  ExpectComplaint(Capmon({longest}), 2, about);
  ExpectComplaint(Capmon({"list", "--" + longest}), 2, about);
  ExpectComplaint(Capmon({"list", "-o", longest}), 2, "json");
  ExpectComplaint(Capmon({"--address", longest, "list"}), 2, about);
  ExpectComplaint(Capmon({"completion", longest}), 2, "");
  EXPECT_NE(Capmon({"files", "/" + longest}).exit_code, 0);
}

TEST(CapmonComplaintsTest, DaemonDown) {
  TempDir directory;
  const std::string socket = directory / "capmon.sock";
  const std::string address = "unix://" + socket;
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"profile", "web"},
                                             {"explain", "web", "KILL"},
                                             {"status"},
                                             {"top"},
                                             {"report", "-o", directory / "report.html"},
                                             {"alerts"},
                                             {"watch"}}) {
    SCOPED_TRACE(command[0]);
    std::vector<std::string> line = {"--address", address};
    line.insert(line.end(), command.begin(), command.end());
    ExpectComplaint(Capmon(line), 3, socket);
  }
}

TEST(CapmonComplaintsTest, ASocketWithoutAListener) {
  TempDir directory;
  const std::string socket_path = directory / "capmon.sock";
  {
    const UniqueFd left(socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, socket_path.c_str(), sizeof(name.sun_path) - 1);
    ASSERT_EQ(bind(left.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)), 0);
  }
  ExpectComplaint(Capmon({"--address", "unix://" + socket_path, "list"}), 3, socket_path);
}

class AskingTest : public SampleDaemonTest {};

TEST_F(AskingTest, UnknownContainer) {
  ExpectComplaint(daemon_->Capmon({"profile", "no-such-container"}), 4, "no-such-container");
  ExpectComplaint(daemon_->Capmon({"explain", "no-such-container", "KILL"}), 4,
                  "no-such-container");
  ExpectComplaint(daemon_->Capmon({"profile", "cgroup:/no/such/cgroup"}), 4, "/no/such/cgroup");
  ExpectComplaint(daemon_->Capmon({"profile", "unit:none.service"}), 4, "none.service");
  ExpectComplaint(daemon_->Capmon({"watch", "no-such-container"}), 4, "no-such-container");
}

TEST_F(AskingTest, AmbiguousContainerNamesTheCandidates) {
  const Outcome outcome = daemon_->Capmon({"profile", "aaaa"});
  ExpectComplaint(outcome, 4, kRecordedId.substr(0, 12));
  EXPECT_NE(outcome.err.find(kQuietId.substr(0, 12)), std::string::npos) << outcome.err;
}

TEST_F(AskingTest, LongNamesGetASentenceFromCapmond) {
  for (const size_t size : {300, 4'000}) {
    ExpectComplaint(daemon_->Capmon({"profile", std::string(size, 'x')}), 4,
                    "no container matches");
    ExpectComplaint(daemon_->Capmon({"profile", "cgroup:/" + std::string(size, 'x')}), 4,
                    "no container matches");
  }
}

TEST_F(AskingTest, UnknownCapability) {
  ExpectComplaint(daemon_->Capmon({"explain", kRecordedId, "CAP_TO_FLY"}), 2, "CAP_TO_FLY");
}

TEST_F(AskingTest, NotPermittedToConnect) {
  ProcessOptions stranger;
  if (geteuid() == 0) {
    stranger.user = kNobody;  // the mode of the socket keeps other users out
  } else {
    ASSERT_EQ(chmod((directory_ / "capmon.sock").c_str(), 0), 0);
  }
  ExpectComplaint(Capmon({"--address", daemon_->address(), "list"}, stranger), 6,
                  directory_ / "capmon.sock");
}

TEST_F(AskingTest, RunNeedsRoot) {
  if (geteuid() == 0) {
    ASSERT_EQ(chmod((directory_ / "capmon.sock").c_str(), 0666), 0);
  }
  ProcessOptions stranger;
  if (geteuid() == 0) stranger.user = kNobody;
  ExpectComplaint(Capmon({"--address", daemon_->address(), "run", "--", "true"}, stranger), 6,
                  "root");
}

}  // namespace
}  // namespace capmon
