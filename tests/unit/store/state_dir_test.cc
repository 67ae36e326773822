// SPDX-License-Identifier: Apache-2.0
// The owner and mode of the state directory: no other user may write to it.
#include "daemon/store/state_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::HasSubstr;

constexpr uid_t kAnother = 12345;

mode_t ModeOf(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

absl::Status Claim(const std::string& path) { return StateDir::Claim(path).status(); }

class StateDirTest : public testing::Test {
 protected:
  std::string Make(const std::string& name, mode_t mode) {
    const std::string path = directory_ / name;
    EXPECT_EQ(::mkdir(path.c_str(), 0700), 0);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  void ExpectRefused(const std::string& path, const std::string& about) {
    const absl::Status status = Claim(path);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << path << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(about));
  }

  TempDir directory_;
};

TEST_F(StateDirTest, IsMadePrivateAndSoIsItsDatabase) {
  const mode_t before = ::umask(0);
  {
    const auto claimed = StateDir::Claim(directory_ / "new/");
    ASSERT_TRUE(claimed.ok()) << claimed.status();
  }
  ::umask(before);
  EXPECT_EQ(ModeOf(directory_ / "new"), 0700u);
  EXPECT_EQ(ModeOf(directory_ / "new/capmon.db"), 0600u);
}

TEST_F(StateDirTest, TakesOthersRightsToAnOldDatabase) {
  const std::string path = Make("old", 0755);
  std::ofstream(path + "/capmon.db") << "";
  ASSERT_EQ(::chmod((path + "/capmon.db").c_str(), 0644), 0);
  EXPECT_TRUE(Claim(path).ok()) << Claim(path);
  EXPECT_EQ(ModeOf(path + "/capmon.db"), 0600u);
}

TEST_F(StateDirTest, IsRefusedWhereOthersMayWrite) {
  ExpectRefused(Make("all", 0777), "all can be written to by others (mode 0777)");
  ExpectRefused(Make("sticky", 01777), "by others");
  ExpectRefused(Make("parent", 0777) + "/state", "parent can be written to");
  EXPECT_TRUE(Claim(Make("tmp", 01777) + "/state").ok()) << "sticky: only its owner can move it";
  EXPECT_EQ(ModeOf(directory_ / "parent/state"), 0u) << "nothing was made there";
}

TEST_F(StateDirTest, IsRefusedWhereItsGroupMayWrite) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string path = Make("group", 0770);
  EXPECT_TRUE(Claim(path).ok()) << "the group of root";
  ASSERT_EQ(::chown(path.c_str(), 0, 999), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0770), 0);
  ExpectRefused(path, "by others");
}

TEST_F(StateDirTest, IsRefusedWhereItBelongsToAnother) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string path = Make("theirs", 0700);
  ASSERT_EQ(::mkdir((path + "/below").c_str(), 0700), 0);
  ASSERT_EQ(::chown(path.c_str(), kAnother, 0), 0);
  ExpectRefused(path, "belongs to user 12345");
  ExpectRefused(path + "/below", "belongs to user 12345");
  EXPECT_TRUE(StateDir::Claim(path, StateDir::Use::kRemove).ok()) << "an uninstall may";
}

TEST_F(StateDirTest, FollowsNoLink) {
  const std::string path = Make("real", 0700), link = directory_ / "link";
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  ExpectRefused(link, "is a symbolic link");
  ExpectRefused(link + "/", "is a symbolic link");
  ASSERT_EQ(::mkdir((path + "/below").c_str(), 0700), 0);
  EXPECT_TRUE(Claim(link + "/below").ok()) << "one on the way, which is ours";
  if (::geteuid() == 0) {
    ASSERT_EQ(::lchown(link.c_str(), kAnother, 0), 0);
    ExpectRefused(link + "/below", "is a link of user 12345");
  }
  ASSERT_EQ(::symlink("/etc/passwd", (path + "/capmon.db").c_str()), 0);
  ExpectRefused(path, "capmon.db is a symbolic link");
  ASSERT_EQ(::symlink((directory_ / "loop").c_str(), (directory_ / "loop").c_str()), 0);
  ExpectRefused(directory_ / "loop/state", "too many links");
}

}  // namespace
}  // namespace capmon
