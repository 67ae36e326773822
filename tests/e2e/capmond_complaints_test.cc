// SPDX-License-Identifier: Apache-2.0
// capmond rejects wrong settings before it changes anything.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/complaint.h"
#include "tests/e2e/sample_recording.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

Outcome Capmond(const std::vector<std::string>& flags) {
  std::vector<std::string> line = {CapmondBinary()};
  line.insert(line.end(), flags.begin(), flags.end());
  return RunProgram(line);
}

class CapmondComplaintsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(WriteFile(recording_, SampleRecording())); }

  Outcome ServeAt(const std::string& address) const {
    return Capmond({"--replay", recording_, "--address", address});
  }
  Outcome ReplayText(const std::string& text) const {
    EXPECT_TRUE(WriteFile(directory_ / "other", text));
    return Replay(directory_ / "other");
  }
  Outcome Replay(const std::string& path) const {
    return Capmond({"--address", "unix://" + directory_ / "s", "--replay", path});
  }

  TempDir directory_;
  std::string recording_ = directory_ / "recording";
};

TEST_F(CapmondComplaintsTest, Flags) {
  ExpectComplaint(Capmond({"--no-such-flag"}), 2, "--no-such-flag");
  ExpectComplaint(Capmond({"stray"}), 2, "stray");
  ExpectComplaint(Capmond({"--address"}), 2, "--address");
  ExpectComplaint(Capmond({"--baseline-after", "soon"}), 2, "--baseline-after");
  ExpectComplaint(Capmond({"--baseline-after", "-1"}), 2, "--baseline-after");
  ExpectComplaint(Capmond({"--log-level", "loud"}), 2, "--log-level");
  ExpectComplaint(Capmond({"--backend", "guess"}), 2, "--backend");
  ExpectComplaint(Capmond({"--docker-socket", "a.sock"}), 2, "neither absolute nor");
  ExpectComplaint(Capmond({"--docker-socket", "/a", "--docker-socket", "none"}), 2,
                  "switches Docker off");
}

TEST_F(CapmondComplaintsTest, AddressesThatAreNone) {
  ExpectComplaint(ServeAt("garbage"), 2, "garbage");
  ExpectComplaint(ServeAt(""), 2, "address");
  ExpectComplaint(ServeAt("tcp://127.0.0.1:1"), 2, "tcp://127.0.0.1:1");
  ExpectComplaint(ServeAt("unix://not/absolute"), 2, "not/absolute");
  ExpectComplaint(ServeAt("unix:///tmp/" + std::string(200, 'x')), 2, "too long");
}

TEST_F(CapmondComplaintsTest, SocketPathsThatCannotBe) {
  ExpectComplaint(ServeAt("unix://" + directory_ / "missing/below/s"), 2, "missing");
  ExpectComplaint(ServeAt("unix://" + recording_ + "/s"), 2, recording_);
  ExpectComplaint(ServeAt("unix://" + recording_), 2, recording_);
  EXPECT_EQ(ReadFile(recording_), SampleRecording());  // it was no socket, so it was left alone
  ASSERT_EQ(mkdir((directory_ / "folder").c_str(), 0755), 0);
  ExpectComplaint(ServeAt("unix://" + directory_ / "folder"), 2, "folder");
}

TEST_F(CapmondComplaintsTest, RecordingsThatAreNone) {
  ExpectComplaint(Replay(directory_ / "missing"), 2, directory_ / "missing");
  ExpectComplaint(Replay(directory_.path()), 2, directory_.path());
  ExpectComplaint(ReplayText(""), 2, directory_ / "other");
  ExpectComplaint(ReplayText(std::string("\x7f"
                                         "ELF\0\0\xff\xfe\n\n\0",
                                         12)),
                  2, directory_ / "other");
  ExpectComplaint(ReplayText("capmon-recording 999\nclock t=1\n"), 2, directory_ / "other");
}

TEST_F(CapmondComplaintsTest, RecordingsThatGoWrongHalfwayNameTheLine) {
  const std::string good = SampleRecording();
  const auto line = std::count(good.begin(), good.end(), '\n') + 1;
  for (const std::string& bad : std::vector<std::string>{
           "nonsense t=1",
           "clock t=tomorrow",
           "clock t=99999999999999999999999",
           "clock t=1 t=2",
           "clock t=1 colour=red",
           "check t=1 cgroup=1 cap=CAP_NONE count=1",
           "check t=1 cgroup=1 cap=CAP_KILL count=-1",
           "cgroup t=1 id=1 path=%zz",
           "exec t=1 cgroup=1 origin=mars",
           std::string("clock t=1\0x", 11),
           "\xff\xfe\xfd",
           std::string(1 << 20, 'a'),
       }) {
    SCOPED_TRACE(bad.substr(0, 60));
    ExpectComplaint(ReplayText(good + bad + "\n"), 2,
                    directory_ / "other:" + std::to_string(line) + ":");
  }
}

TEST_F(CapmondComplaintsTest, ReplayAndRecordTogether) {
  ExpectComplaint(Capmond({"--replay", recording_, "--record", directory_ / "out"}), 2, "--record");
}

TEST_F(CapmondComplaintsTest, FilesItCannotWrite) {
  const std::vector<std::string> flags = {"--replay", recording_, "--address",
                                          "unix://" + directory_ / "s", "--alerts"};
  std::vector<std::string> with_alerts = flags;
  with_alerts.push_back(directory_ / "missing/alerts");
  const Outcome outcome = Capmond(with_alerts);
  EXPECT_NE(outcome.exit_code, 0);
  ExpectComplaint(outcome, outcome.exit_code, directory_ / "missing/alerts");
}

TEST_F(CapmondComplaintsTest, TablesThatAreNone) {
  const std::string fifo = directory_ / "fifo", huge = directory_ / "huge";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  ASSERT_TRUE(WriteFile(huge, ""));
  ASSERT_EQ(truncate(huge.c_str(), off_t{1} << 40), 0);
  for (const char* const option : {"--call-sites", "--programs", "--replay"}) {
    const auto with = [&](const std::string& file) {
      SCOPED_TRACE(option + (" " + file));
      std::vector<std::string> flags = {option, file, "--address", "unix://" + directory_ / "s"};
      if (std::string(option) != "--replay") flags.insert(flags.end(), {"--replay", recording_});
      ExpectComplaint(Capmond(flags), 2, file.substr(0, 200));
    };
    for (const std::string& file :
         {fifo, huge, directory_.path(), std::string("/dev/zero"), std::string("/dev/stdin"),
          directory_ / "missing", recording_ + "/below"})
      with(file);
    ASSERT_TRUE(WriteFile(directory_ / "binary", std::string("\x7f"
                                                             "ELF\0\0\xff\xfe\n\n\0",
                                                             12)));
    with(directory_ / "binary");
    ASSERT_TRUE(WriteFile(directory_ / "words", std::string(500'000, 'x') + "\n"));
    with(directory_ / "words");
  }
}

TEST_F(CapmondComplaintsTest, FilesItWillNotWriteTo) {
  const std::string fifo = directory_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const Outcome alerts = Capmond(
      {"--replay", recording_, "--address", "unix://" + directory_ / "s", "--alerts", fifo});
  ExpectComplaint(alerts, 1, "nothing reads it");
}

// Lists everything below `directory`.
std::vector<std::string> Below(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    names.push_back(std::filesystem::relative(entry.path(), directory));
  std::sort(names.begin(), names.end());
  return names;
}

TEST_F(CapmondComplaintsTest, AFailedStartLeavesNoFilesBehind) {
  ASSERT_TRUE(WriteFile(directory_ / "bad", "nonsense\n"));
  const std::vector<std::string> before = Below(directory_.path());
  const auto fails = [&](std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--address", "unix://" + directory_ / "run/s", "--alerts",
                               directory_ / "alerts"});
    EXPECT_NE(Capmond(flags).exit_code, 0);
    EXPECT_EQ(Below(directory_.path()), before) << testing::PrintToString(flags);
  };
  fails({"--replay", directory_ / "bad"});
  fails({"--replay", directory_ / "missing"});
  fails({"--replay", recording_, "--socket-group", "no-such-group"});
  fails({"--replay", recording_, "--call-sites", directory_ / "bad"});
  const std::vector<std::string> live = {"--pin-dir", "none", "--state-dir", directory_ / "state"};
  std::vector<std::string> flags = live;
  flags.insert(flags.end(), {"--record", directory_ / "missing/recording"});
  fails(flags);
  // There is no cgroup hierarchy in that directory.
  flags = live;
  flags.insert(flags.end(), {"--proc", directory_.path()});
  fails(flags);
}

TEST_F(CapmondComplaintsTest, AStateDirectoryThatOthersCanChange) {
  const std::string state = directory_ / "state";
  ASSERT_EQ(mkdir(state.c_str(), 0700), 0);
  ASSERT_EQ(chmod(state.c_str(), 0777), 0);
  const Outcome outcome = Capmond(
      {"--state-dir", state, "--pin-dir", "none", "--address", "unix://" + directory_ / "s"});
  ExpectComplaint(outcome, 1, state);
  EXPECT_NE(outcome.err.find("by others"), std::string::npos) << outcome.err;
}

TEST_F(CapmondComplaintsTest, AHangupOpensTheAlertFileAgainAndEndsNothing) {
  const std::string alerts = directory_ / "alerts", moved = directory_ / "alerts.1";
  auto daemon =
      CapmonDaemon::Start(directory_.path(), {"--replay", recording_, "--alerts", alerts});
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  ASSERT_EQ(rename(alerts.c_str(), moved.c_str()), 0);
  daemon->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(alerts); }));
  const nlohmann::json status = daemon->Json({"status"});
  EXPECT_EQ(status["counters"].value("alert_lines_dropped", ""), "0") << status;
  EXPECT_EQ(daemon->Stop().value_or(-1), 0) << daemon->process().err();
}

TEST_F(CapmondComplaintsTest, AHangupEndsNothingWithoutAnAlertFileEither) {
  auto daemon = CapmonDaemon::Start(directory_.path(), {"--replay", recording_});
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  daemon->process().Signal(SIGHUP);
  EXPECT_EQ(daemon->Capmon({"status"}).exit_code, 0);
  EXPECT_EQ(daemon->Stop().value_or(-1), 0) << daemon->process().err();
}

TEST_F(CapmondComplaintsTest, ASecondOneIsRejectedAndALeftoverSocketIsReplaced) {
  auto first = CapmonDaemon::Start(directory_.path(), {"--replay", recording_});
  ASSERT_TRUE(first.ok()) << first.status();
  ExpectComplaint(ServeAt(first->address()), 1, directory_ / "capmon.sock");
  EXPECT_EQ(first->Capmon({"status"}).exit_code, 0);

  first->process().Signal(SIGKILL);
  ASSERT_TRUE(first->process().Wait().ok());
  struct stat status;
  ASSERT_EQ(stat((directory_ / "capmon.sock").c_str(), &status), 0);
  auto second = CapmonDaemon::Start(directory_.path(), {"--replay", recording_});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->Stop().value_or(-1), 0) << second->process().err();
  EXPECT_NE(stat((directory_ / "capmon.sock").c_str(), &status), 0);
}

}  // namespace
}  // namespace capmon
