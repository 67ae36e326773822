// SPDX-License-Identifier: Apache-2.0
// `capmon files` finds what find and getcap find, and a hostile tree does not mislead it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/host/libcap.h"
#include "tests/e2e/complaint.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Outcome Capmon(std::vector<std::string> arguments, const ProcessOptions& options = {}) {
  arguments.insert(arguments.begin(), CapmonBinary());
  return RunProgram(arguments, options);
}

json Files(std::vector<std::string> arguments, int exit_code = 0,
           const ProcessOptions& options = {}) {
  arguments.insert(arguments.begin(), {"files", "-o", "json"});
  const Outcome outcome = Capmon(arguments, options);
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  return json::parse(outcome.out, nullptr, false);
}

std::set<std::string> Paths(const json& listing) {
  std::set<std::string> paths;
  for (const json& file : listing.at("files")) paths.insert(file.at("path"));
  return paths;
}

std::set<std::string> LinesOf(const std::string& text) {
  std::istringstream stream(text);
  std::set<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  return lines;
}

// "/usr/bin/su 4755 0:0", as find writes it below.
std::set<std::string> WithBits(const json& listing) {
  std::set<std::string> lines;
  for (const json& file : listing.at("files"))
    if (file.at("set_user_id") || file.at("set_group_id"))
      lines.insert(absl::StrCat(std::string(file.at("path")), " ", std::string(file.at("mode")),
                                " ", int(file.at("uid")), ":", int(file.at("gid"))));
  return lines;
}

// "/usr/bin/ping cap_net_raw=ep", as getcap writes it.
std::set<std::string> WithCapabilities(const json& listing) {
  std::set<std::string> lines;
  for (const json& file : listing.at("files")) {
    if (!file.contains("capabilities")) continue;
    const json& carried = file.at("capabilities");
    const LibcapSets sets(cap_init());
    const auto set = [&](const char* name, cap_flag_t flag) {
      for (const std::string capability : carried.at(name)) {
        const cap_value_t value = *ParseCapability(capability);
        cap_set_flag(sets.get(), flag, 1, &value, CAP_SET);
        if (carried.at("effective")) cap_set_flag(sets.get(), CAP_EFFECTIVE, 1, &value, CAP_SET);
      }
    };
    set("permitted", CAP_PERMITTED);
    set("inheritable", CAP_INHERITABLE);
    char* const text = cap_to_text(sets.get(), nullptr);
    lines.insert(absl::StrCat(std::string(file.at("path")), " ", text));
    cap_free(text);
  }
  return lines;
}

// $CAPMON_TEST_ROOT: another Debian to search, such as that of the corpus.
TEST(FilesTest, FindsInADebianWhatFindAndGetcapFind) {
  if (!OnPath("getcap")) GTEST_SKIP() << "needs getcap";
  const char* const other = std::getenv("CAPMON_TEST_ROOT");
  const std::string root = other == nullptr ? "/usr" : other;
  const json listing = Files({root});
  const std::set<std::string> with_bits = WithBits(listing);
  EXPECT_EQ(with_bits, LinesOf(RunProgram({"find", root, "-type", "f", "-perm", "/6000", "-printf",
                                           "%p %04m %U:%G\n"})
                                   .out));
  EXPECT_FALSE(with_bits.empty());
  const std::set<std::string> with_capabilities = WithCapabilities(listing);
  EXPECT_EQ(with_capabilities, LinesOf(RunProgram({"getcap", "-r", root}).out));
  EXPECT_FALSE(other != nullptr && with_capabilities.empty());
  EXPECT_TRUE(listing.at("complete"));
}

class HostileTreeTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  void MakeSetUserId(const std::string& path) {
    ASSERT_TRUE(WriteFile(path, ""));
    ASSERT_EQ(chmod(path.c_str(), 04755), 0);
  }
  TempDir tree_;
  TempDir outside_;
};

TEST_F(HostileTreeTest, FollowsNoLink) {
  MakeSetUserId(outside_ / "su");
  MakeSetUserId(tree_ / "own");
  fs::create_symlink(".", tree_ / "loop");
  fs::create_symlink(outside_.path(), tree_ / "away");
  fs::create_symlink("../../../../../../../.." + outside_.path(), tree_ / "up");
  fs::create_symlink(outside_ / "su", tree_ / "file");
  EXPECT_EQ(Paths(Files({tree_.path()})), std::set<std::string>{tree_ / "own"});
}

TEST_F(HostileTreeTest, NoNameReachesTheTerminal) {
  MakeSetUserId(tree_ / "new\nline");
  MakeSetUserId(tree_ / "\x1b[2J\x1b]0;x\x07");
  MakeSetUserId(tree_ / "\xff\xfe");
  EXPECT_EQ(Files({tree_.path()}).at("files").size(), 3u);
  const Outcome table = Capmon({"files", tree_.path()});
  EXPECT_THAT(table.out, HasSubstr("new\\x0aline"));
  EXPECT_THAT(table.out, Not(HasSubstr("\x1b")));
}

TEST_F(HostileTreeTest, OpensNothingThatBlocks) {
  ASSERT_EQ(mkfifo((tree_ / "fifo").c_str(), 06755), 0);
  MakeSetUserId(tree_ / "own");
  EXPECT_EQ(Paths(Files({tree_.path()})).size(), 1u);
}

TEST_F(HostileTreeTest, CountsWhatMayNotBeRead) {
  MakeSetUserId(tree_ / "own");
  fs::create_directory(tree_ / "shut");
  MakeSetUserId(tree_ / "shut/hidden");
  ASSERT_EQ(chmod((tree_ / "shut").c_str(), 0700), 0);
  const json listing = Files({tree_.path()}, 0, {.user = 65534, .cgroups = {}});
  EXPECT_EQ(Paths(listing), std::set<std::string>{tree_ / "own"});
  EXPECT_EQ(listing.at("skipped").at("directories without permission to read"), "1");
}

TEST_F(HostileTreeTest, IsBounded) {
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(WriteFile(tree_ / ("f" + std::to_string(i)), ""));
  const json cut = Files({"--max-files", "100", tree_.path()}, 5);
  EXPECT_EQ(cut.at("looked_at"), "100");
  EXPECT_FALSE(cut.at("complete"));
  EXPECT_EQ(Files({tree_.path()}).at("looked_at"), "5000");
}

TEST_F(HostileTreeTest, ListsSoManyAndNoMore) {
  MakeSetUserId(tree_ / "own");
  for (int i = 0; i < 10'000; ++i)
    ASSERT_EQ(link((tree_ / "own").c_str(), (tree_ / std::to_string(i)).c_str()), 0);
  const json listing = Files({tree_.path()}, 5);
  EXPECT_EQ(listing.at("files").size(), 10'000u);
  EXPECT_EQ(listing.at("skipped").at("privileged files not listed"), "1");
  EXPECT_FALSE(listing.at("complete"));
}

TEST_F(HostileTreeTest, GoesAsDeepAsPathsCanAndCountsTheRest) {
  const std::string script =
      "cd '" + tree_.path() +
      "' && n=$(printf 'd%.0s' $(seq 200)) && i=0 && "
      "while [ $i -lt 40 ]; do mkdir $n && cd -P $n || exit 1; i=$((i+1)); done";
  ASSERT_EQ(RunProgram({"bash", "-c", script}).exit_code, 0);
  const json listing = Files({tree_.path()});
  EXPECT_TRUE(listing.at("complete"));
  EXPECT_EQ(listing.at("skipped").at("directories too deep to be named"), "1");
  EXPECT_EQ(RunProgram({"rm", "-rf", tree_.path()}).exit_code, 0);
}

TEST_F(HostileTreeTest, ShowsFileCapabilitiesAsGetcapDoes) {
  if (!OnPath("setcap")) GTEST_SKIP() << "needs setcap";
  for (const char* text : {"cap_net_raw=ep", "cap_chown,cap_kill=p", "cap_net_raw=i"}) {
    const std::string path = tree_ / "program";
    ASSERT_TRUE(WriteFile(path, ""));
    ASSERT_EQ(chmod(path.c_str(), 0755), 0);
    ASSERT_EQ(RunProgram({"setcap", text, path}).exit_code, 0);
    const json file = Files({tree_.path()}).at("files").at(0);
    const json& carried = file.at("capabilities");
    const std::string flags = std::string(text).substr(std::string(text).find('=') + 1);
    EXPECT_EQ(carried.at("effective"), flags == "ep") << text;
    EXPECT_EQ(carried.at("version"), 2);
    EXPECT_EQ(carried.at("permitted").empty(), flags == "i") << text;
    EXPECT_EQ(carried.at("inheritable").empty(), flags != "i") << text;
    fs::remove(path);
  }
  ASSERT_TRUE(WriteFile(tree_ / "ns", ""));
  ASSERT_EQ(RunProgram({"setcap", "-n", "1000", "cap_net_raw=ep", tree_ / "ns"}).exit_code, 0);
  const json carried = Files({tree_.path()}).at("files").at(0).at("capabilities");
  EXPECT_EQ(carried.at("version"), 3);
  EXPECT_EQ(carried.at("rootid"), 1000);
}

TEST_F(HostileTreeTest, AProcessShowsItsOwnRoot) {
  MakeSetUserId(tree_ / "own");
  fs::create_directories(tree_ / "bin");
  if (!fs::exists("/bin/busybox")) GTEST_SKIP() << "needs busybox";
  fs::copy_file("/bin/busybox", tree_ / "bin/cat");
  auto inside = ChildProcess::Start({"chroot", tree_.path(), "/bin/cat"});
  ASSERT_TRUE(inside.ok()) << inside.status();
  const std::string root = "/proc/" + std::to_string(inside->pid()) + "/root";
  while (fs::read_symlink(root) != tree_.path() && inside->Running()) usleep(10'000);
  EXPECT_EQ(Paths(Files({"pid:" + std::to_string(inside->pid())})), std::set<std::string>{"/own"});
}

TEST(FilesComplaintsTest, OneSentence) {
  ExpectComplaint(Capmon({"files", "/no/such"}), 4, "/no/such");
  ExpectComplaint(Capmon({"files", "/etc/passwd"}), 4, "/etc/passwd");
  ExpectComplaint(Capmon({"files", "pid:4194304"}), 4, "4194304");
  ExpectComplaint(Capmon({"files"}), 2, "where");
  ExpectComplaint(Capmon({"files", "/usr", "--max-files", "0"}), 2, "--max-files");
}

TEST(FilesTest, LeavesProcAndSysAlone) {
  const json proc = Files({"/proc"});
  EXPECT_EQ(proc.at("looked_at"), "0");
  EXPECT_EQ(proc.at("skipped").at("file systems: proc"), "1");
}

}  // namespace
}  // namespace capmon
