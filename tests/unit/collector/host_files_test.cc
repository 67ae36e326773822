// SPDX-License-Identifier: Apache-2.0
// Paths of a container, with a proc that is made here.
#include "daemon/collector/host_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/mount_table.h"
#include "daemon/collector/file_status.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;

class HostFilesTest : public testing::Test {
 protected:
  HostFilesTest() {
    fs::create_directories(root_ / "usr/bin");
    fs::create_directory_symlink("usr/bin", root_ / "bin");
    Write(root_ / "usr/bin/real", "program");
    fs::create_symlink("/bin/real", root_ / "usr/bin/link");
    fs::create_symlink("../../../../../../usr/bin/real", root_ / "usr/bin/up");
    fs::create_symlink("loop", root_ / "usr/bin/loop");
    Write(root_ / "usr/bin/script", "#!/bin/link -x\n");
    fs::create_directories(proc_ / "7");
    fs::create_directory_symlink(root_, proc_ / "7/root");
    Write(proc_ / "7/mountinfo", TextOf("/proc/self/mountinfo"));
  }

  static void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  void AddMount(const std::string& line) {
    std::ofstream(proc_ / "7/mountinfo", std::ios::app) << line << "\n";
  }

  // The number of the file system's device.
  uint32_t Device() const {
    const UniqueFd root = Open(root_, O_PATH);
    const MountTable mounts(TextOf("/proc/self/mountinfo"));
    const Mount* const mount = mounts.Find(MountOf(root));
    return mount == nullptr ? 0 : mount->device;
  }

  bool Known(const std::string& path, uint32_t device = 0, const std::string& on_device = "") {
    struct stat real = {};
    EXPECT_EQ(::stat(real_.c_str(), &real), 0);
    FileQuestion question;
    question.kind = FileQuestion::Kind::kFile;
    question.pid = 7;
    question.exe = static_cast<uint32_t>(real.st_ino);
    question.path = path;
    question.device = device;
    question.path_on_device = on_device;
    question.time = executed_at_;
    return HostFiles(proc_).Answer(question).known;
  }

  TimeNs executed_at_ = 0;
  const TempDir directory_;
  const fs::path root_ = fs::path(directory_.path()) / "root";
  fs::path real_ = root_ / "usr/bin/real";
  const fs::path proc_ = fs::path(directory_.path()) / "proc";
};

// Another file may have the number of a removed one, and capabilities may come later.
TEST_F(HostFilesTest, AFileThatChangedSinceItsExecIsNotKnown) {
  struct stat real = {};
  ASSERT_EQ(::stat(real_.c_str(), &real), 0);
  executed_at_ = real.st_ctim.tv_sec * kSecond + real.st_ctim.tv_nsec;
  EXPECT_TRUE(Known("/usr/bin/real"));
  --executed_at_;
  EXPECT_FALSE(Known("/usr/bin/real"));
}

TEST_F(HostFilesTest, FollowsLinksInsideTheRoot) {
  EXPECT_TRUE(Known("/usr/bin/real"));
  EXPECT_TRUE(Known("//usr/./bin/../bin/real"));
  EXPECT_TRUE(Known("/bin/real"));
  EXPECT_TRUE(Known("/bin/link"));
  EXPECT_TRUE(Known("/bin/up")) << "nothing is above the root";
  EXPECT_TRUE(Known("/bin/script")) << "the interpreter runs";
}

TEST_F(HostFilesTest, WhatLeadsNowhereIsUnread) {
  EXPECT_FALSE(Known("/bin/loop"));
  EXPECT_FALSE(Known("/bin/missing"));
  EXPECT_FALSE(Known("/bin"));
  EXPECT_FALSE(Known("/"));
  EXPECT_FALSE(Known("/bin/real/x"));
}

// A bind mount, so that the file system's own root need not be in this one.
TEST_F(HostFilesTest, AProgramInAnotherRootIsFoundThroughAMount) {
  const uint32_t device = Device();
  fs::create_directories(root_ / "srv/jail/bin");
  fs::rename(root_ / "usr/bin/real", root_ / "srv/jail/bin/real");
  Write(root_ / "usr/bin/real", "another program");
  real_ = root_ / "srv/jail/bin/real";
  AddMount(fmt::format("9999 1 {}:{} /images/7 / rw - ext4 x rw", device >> 20, device & 0xfffff));
  EXPECT_FALSE(Known("/usr/bin/real")) << "another file of that name";
  EXPECT_TRUE(Known("/bin/real", device, "/images/7/srv/jail/bin/real"));
  EXPECT_TRUE(Known("relative", device, "/images/7/srv/jail/bin/real"));
  EXPECT_FALSE(Known("/bin/real", device + 1, "/images/7/srv/jail/bin/real"));
  EXPECT_FALSE(Known("/bin/real", device, "/images/8/srv/jail/bin/real"));
  EXPECT_FALSE(Known("/bin/real", device, "/images/7/usr/bin/real"));
  EXPECT_FALSE(Known("/bin/real", device, ""));
}

TEST_F(HostFilesTest, AnInodeNumberIsOneOfItsFileSystem) {
  const uint32_t device = Device();
  EXPECT_TRUE(Known("/usr/bin/real", device));
  EXPECT_FALSE(Known("/usr/bin/real", device + 1));
}

// The table of mounts calls the file system by another name.
TEST_F(HostFilesTest, FuseIsNotRead) {
  std::string mounts = TextOf("/proc/self/mountinfo");
  for (size_t at = mounts.find(" - "); at != mounts.npos; at = mounts.find(" - ", at + 3))
    mounts.insert(at + 3, "fuse.");
  Write(proc_ / "7/mountinfo", mounts);
  EXPECT_FALSE(Known("/usr/bin/real"));
}

}  // namespace
}  // namespace capmon
