// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/memory_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(MemoryLimitTest, AUnitsCgroupAndThoseAboveIt) {
  EXPECT_THAT(MemoryLimitFiles("0::/system.slice/capmond.service\n",
                               "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
              ElementsAre("/sys/fs/cgroup/system.slice/capmond.service/memory.max",
                          "/sys/fs/cgroup/system.slice/memory.max", "/sys/fs/cgroup/memory.max"));
}

// The host's tree, mounted as well, does not show which cgroup is the pod's.
TEST(MemoryLimitTest, APodsOwnCgroup) {
  EXPECT_THAT(MemoryLimitFiles("0::/\n",
                               "30 24 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
                               "31 24 0:26 /../../.. /host/cgroup ro - cgroup2 cgroup2 rw\n"),
              ElementsAre("/sys/fs/cgroup/memory.max"));
}

TEST(MemoryLimitTest, TheMemoryControllerOfTheFirstVersion) {
  EXPECT_THAT(
      MemoryLimitFiles("9:cpu,memory:/docker/abc\n8:pids:/elsewhere\n",
                       "30 24 0:26 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
                       "31 24 0:27 /docker/ab /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n"),
      ElementsAre("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
}

TEST(MemoryLimitTest, NothingWhereNothingIsMountedOrReadable) {
  EXPECT_THAT(MemoryLimitFiles("0::/a\n", "24 1 0:22 / / rw - ext4 /dev/sda rw\n"), IsEmpty());
  EXPECT_THAT(MemoryLimitFiles("nonsense\n::\n", "nonsense"), IsEmpty());
  EXPECT_EQ(LeastLimit({}), UINT64_MAX);
  EXPECT_EQ(LeastLimit({"/nowhere/memory.max"}), UINT64_MAX);
}

TEST(MemoryLimitTest, TheLeastCounts) {
  const TempDir directory;
  ASSERT_TRUE(WriteFile(directory / "own", "max\n"));
  ASSERT_TRUE(WriteFile(directory / "pod", "536870912\n"));
  ASSERT_TRUE(WriteFile(directory / "above", "9223372036854771712\n"));
  EXPECT_EQ(LeastLimit({directory / "own"}), UINT64_MAX);
  EXPECT_EQ(LeastLimit({directory / "own", directory / "pod", directory / "above"}), 512u << 20);
}

}  // namespace
}  // namespace capmon
