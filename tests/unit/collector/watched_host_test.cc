// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/watched_host.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr char kV2[] = "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
constexpr char kV1[] =
    "30 24 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "31 24 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";

class WatchedHostTest : public testing::Test {
 protected:
  void Mounts(const std::string& mountinfo) {
    std::filesystem::create_directories(proc_ + "/self");
    ASSERT_TRUE(WriteFile(proc_ + "/self/mountinfo", mountinfo));
  }
  TempDir directory_;
  const std::string proc_ = directory_ / "proc";
};

TEST_F(WatchedHostTest, TheUnifiedHierarchyNeedsNoNumber) {
  Mounts(kV2);
  const auto host = FindWatchedHost(proc_, "");
  ASSERT_TRUE(host.ok()) << host.status();
  EXPECT_EQ(host->cgroup_layout, "v2");
  EXPECT_EQ(host->cgroup_mount, "/sys/fs/cgroup");
  EXPECT_EQ(host->hierarchy.hierarchy_id, 0);
  EXPECT_EQ(FindWatchedHost(proc_, "/elsewhere")->cgroup_mount, "/elsewhere");
}

TEST_F(WatchedHostTest, AControllersHierarchyIsKnownByItsNumber) {
  Mounts(kV1);
  ASSERT_TRUE(WriteFile(proc_ + "/cgroups",
                        "#subsys_name hierarchy num_cgroups enabled\nmemory 9 4 1\npids 7 4 1\n"));
  const auto host = FindWatchedHost(proc_, "");
  ASSERT_TRUE(host.ok()) << host.status();
  EXPECT_EQ(host->cgroup_layout, "v1");
  const bool pids = host->hierarchy.v1_controller == "pids";
  EXPECT_EQ(host->hierarchy.hierarchy_id, pids ? 7 : 9);
  EXPECT_EQ(host->cgroup_mount, "/sys/fs/cgroup/" + host->hierarchy.v1_controller);
}

TEST_F(WatchedHostTest, WithoutAHierarchyThereIsNothingToWatch) {
  Mounts("24 1 0:22 / / rw - ext4 /dev/sda rw\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(FindWatchedHost(proc_, "").status()));
  EXPECT_FALSE(FindWatchedHost(directory_ / "missing", "").ok());
}

}  // namespace
}  // namespace capmon
