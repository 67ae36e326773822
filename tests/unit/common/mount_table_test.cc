// SPDX-License-Identifier: Apache-2.0
#include "common/mount_table.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

constexpr char kText[] =
    "600 500 0:50 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/x - y\n"
    "601 600 0:51 / /proc rw,nosuid,nodev - proc proc rw\n"
    "602 600 0:52 / /with\\040blank rw,nosuid,nodev,relatime - fuse.sshfs host:/ rw\n"
    "603 600 0:53 / /data rw - nfs4 server:/ rw\n"
    "604 603 0:54 / /data/local rw - tmpfs tmpfs rw\n"
    "605 600 0:55 / /auto rw - autofs systemd-1 rw\n"
    "606 605 8:1 / /auto rw shared:4 - ext4 /dev/sda1 rw\n"
    "nonsense\n"
    "607 600 0:57 / /cut rw - ";

std::string TypeAt(const std::string& path) {
  static const MountTable table(kText);
  const Mount* const mount = table.Of(path);
  return mount == nullptr ? "" : mount->type;
}

TEST(MountTableTest, FindsMountsByNumber) {
  const MountTable table(kText);
  ASSERT_NE(table.Find(602), nullptr);
  EXPECT_EQ(table.Find(602)->type, "fuse.sshfs");
  EXPECT_EQ(table.Find(602)->point, "/with blank");
  EXPECT_TRUE(table.Find(602)->nosuid);
  EXPECT_FALSE(table.Find(600)->nosuid);
  EXPECT_EQ(table.Find(1), nullptr);
  EXPECT_FALSE(table.empty());
  EXPECT_TRUE(MountTable("").empty());
}

TEST(MountTableTest, ShowsAFileOfAFileSystem) {
  const MountTable table(
      "1 0 8:17 / / rw - ext4 /dev/sdb1 rw\n"
      "2 1 8:17 /srv/a\\040b /data rw - ext4 /dev/sdb1 rw\n");
  const Mount& whole = *table.Find(1);
  const Mount& part = *table.Find(2);
  EXPECT_EQ(whole.device, 8u << 20 | 17);
  EXPECT_EQ(PathThrough(whole, "/srv/x"), "/srv/x");
  EXPECT_EQ(PathThrough(part, "/srv/a b/x/y"), "/data/x/y");
  EXPECT_EQ(PathThrough(part, "/srv/a bc/x"), "");
  EXPECT_EQ(PathThrough(part, ""), "");
}

TEST(MountTableTest, FindsTheMountThatAPathLeadsInto) {
  EXPECT_EQ(TypeAt("/"), "overlay");
  EXPECT_EQ(TypeAt("/bin/sh"), "overlay");
  EXPECT_EQ(TypeAt("/with blank/x"), "fuse.sshfs");
  EXPECT_EQ(TypeAt("/with blanket"), "overlay");
  EXPECT_EQ(TypeAt("/data/x"), "nfs4");
  EXPECT_EQ(TypeAt("/data/./x/../local/y"), "tmpfs");
  EXPECT_EQ(TypeAt("//data//local"), "tmpfs");
}

TEST(MountTableTest, WhatWasMountedLaterCovers) { EXPECT_EQ(TypeAt("/auto/x"), "ext4"); }

TEST(MountTableTest, KnowsWhatWaitsForOthers) {
  for (const char* type : {"fuse", "fuseblk", "fuse.sshfs", "nfs", "nfs4", "cifs", "9p", "autofs"})
    EXPECT_TRUE(MayNeverAnswer(type)) << type;
  for (const char* type : {"ext4", "overlay", "tmpfs", "xfs", "btrfs", "fusectl", "squashfs"})
    EXPECT_FALSE(MayNeverAnswer(type)) << type;
}

}  // namespace
}  // namespace capmon
