// SPDX-License-Identifier: Apache-2.0
// The process behind an alert, read from the real /proc and from a directory made to look like it.
#include "daemon/alert_details.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "daemon/base/wall_clock.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Alert About(uint32_t pid) {
  Alert alert;
  alert.pid = pid;
  alert.first = alert.last = WallClock();
  return alert;
}

TEST(AlertDetails, OfThisProcess) {
  Alert alert = About(static_cast<uint32_t>(::getpid()));
  AlertDetails("/proc").Add(alert);
  EXPECT_THAT(alert.unread, IsEmpty());
  EXPECT_THAT(alert.process.executable, HasSubstr("unit_daemon"));
  EXPECT_THAT(alert.process.command_line, HasSubstr("unit_daemon"));
  EXPECT_EQ(alert.process.parent, static_cast<uint32_t>(::getppid()));
  EXPECT_FALSE(alert.process.parent_name.empty());
  EXPECT_EQ(alert.process.uid, ::getuid());
  EXPECT_EQ(alert.process.euid, ::geteuid());
  EXPECT_TRUE(alert.process.sets_known);
  EXPECT_NE(alert.process.pid_inside, 0u);
  EXPECT_LT(alert.process.started, alert.last);
  EXPECT_GT(alert.process.started, alert.last - 3600 * kSecond);
}

TEST(AlertDetails, WhatTheEventSaysIsKept) {
  Alert alert = About(static_cast<uint32_t>(::getpid()));
  alert.process.euid = 4711;
  alert.process.sets_known = true;
  alert.process.effective = {3};
  AlertDetails("/proc").Add(alert);
  EXPECT_EQ(alert.process.euid, 4711u);
  EXPECT_EQ(alert.process.effective, CapabilitySet{3});
}

// The process may have ended by now, and its id may be another one's.
TEST(AlertDetails, AreReadOnce) {
  Alert alert = About(static_cast<uint32_t>(::getpid()));
  AlertDetails("/proc").Add(alert);
  const AlertProcess read = alert.process;
  alert.pid = 0x7fffffff;
  AlertDetails("/proc").Add(alert);
  EXPECT_EQ(alert.process, read);
  EXPECT_THAT(alert.unread, IsEmpty());
  Alert ended = About(0x7fffffff);
  for (int i = 0; i < 3; ++i) AlertDetails("/proc").Add(ended);
  EXPECT_EQ(ended.unread.size(), 1u);
}

TEST(AlertDetails, OfNoProcess) {
  Alert alert = About(0);
  AlertDetails("/proc").Add(alert);
  EXPECT_THAT(alert.unread, Contains(Pair("process", "the kernel reported no process")));
  Alert ended = About(0x7fffffff);
  AlertDetails("/proc").Add(ended);
  EXPECT_THAT(ended.unread, Contains(Pair("process", "the process had ended")));
}

TEST(AlertDetails, NotOfALaterProcessWithTheSameId) {
  Alert alert = About(static_cast<uint32_t>(::getpid()));
  alert.last = alert.last - 24 * 3600 * kSecond;
  AlertDetails("/proc").Add(alert);
  EXPECT_THAT(alert.unread, Contains(Pair("process", HasSubstr("another one has its id"))));
  EXPECT_EQ(alert.process.command_line, "");
}

TEST(AlertDetails, NotOfAProcessOfAnotherContainer) {
  Alert alert = About(static_cast<uint32_t>(::getpid()));
  alert.container.kind = ContainerKind::kContainer;
  alert.container.id = std::string(64, 'f');
  AlertDetails("/proc").Add(alert);
  EXPECT_THAT(alert.unread, Contains(Pair("process", HasSubstr("not in the container"))));
}

TEST(AlertDetails, NoCommandLineOfAnotherProgram) {
  Alert alert = About(static_cast<uint32_t>(::getpid()));
  alert.binary = "/bin/curl";
  AlertDetails("/proc").Add(alert);
  EXPECT_THAT(alert.unread,
              Contains(Pair("process.command_line", HasSubstr("executes another program"))));
  EXPECT_EQ(alert.process.command_line, "");
  EXPECT_TRUE(alert.process.sets_known);
}

// A directory that looks like /proc: files of any content.
class MadeProcess : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(proc_ / "77");
    Write("stat", "77 (a) b ( c) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n");
    Write("status", "Name:\tx\nUid:\t0\t5\t0\t0\n");
    Write("cmdline", std::string("a\0b\0", 4));
    std::filesystem::create_symlink("/bin/a", proc_ / "77/exe");
  }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(proc_ / ("77/" + name)) << text;
  }
  TempDir proc_;
};

TEST_F(MadeProcess, WithANameOfBracketsAndWithoutSets) {
  Alert alert = About(77);
  ReadProcessDetails(proc_.path(), {alert.last, 10 * kSecond}, alert);
  EXPECT_EQ(alert.process.started, alert.last - 5 * kSecond);
  EXPECT_EQ(alert.process.command_line, "a b");
  EXPECT_EQ(alert.process.executable, "/bin/a");
  EXPECT_FALSE(alert.process.sets_known);
  EXPECT_FALSE(alert.process.uid);
  EXPECT_THAT(alert.unread, Contains(Pair("process.sets", "/proc has it in another form")));
}

TEST_F(MadeProcess, ALongCommandLineIsCut) {
  Write("cmdline", std::string(1 << 20, 'x'));
  Alert alert = About(77);
  ReadProcessDetails(proc_.path(), {alert.last, 10 * kSecond}, alert);
  EXPECT_EQ(alert.process.command_line.size(), AlertProcess::kMaxCommandLine);
}

// Opening a FIFO that has no writer hangs, as reading the memory of a hostile process does.
TEST_F(MadeProcess, OneThatHangsDelaysNothingForLong) {
  const std::string path = proc_ / "77/cmdline";
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  AlertDetails details(proc_.path(), std::chrono::milliseconds(20));
  for (int i = 0; i < AlertDetails::kMaxHanging; ++i) {
    Alert alert = About(77);
    details.Add(alert);
    EXPECT_THAT(alert.unread, Contains(Pair("process", "reading it took too long")));
  }
  Alert alert = About(77);
  details.Add(alert);
  EXPECT_THAT(alert.unread, Contains(Pair("process", HasSubstr("earlier reads"))));
  ::close(::open(path.c_str(), O_WRONLY | O_NONBLOCK));  // lets them end
}

}  // namespace
}  // namespace capmon
