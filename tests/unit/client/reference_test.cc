// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/reference.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

TEST(CgroupPathIn, ReadsTheHierarchyThatCapmondWatches) {
  EXPECT_EQ(CgroupPathIn("0::/docker/abc\n"), "/docker/abc");
  EXPECT_EQ(CgroupPathIn("9:name=systemd:/old\n2:cpu:/y\n0::/docker/abc\n"), "/docker/abc");
  EXPECT_EQ(CgroupPathIn("0::/\n"), "/");
  EXPECT_EQ(CgroupPathIn("0::/with:colon and blank\n"), "/with:colon and blank");
  EXPECT_EQ(CgroupPathIn("4:memory:/m\n8:pids:/docker/abc\n0::/\n"), "/docker/abc");
  EXPECT_EQ(CgroupPathIn("4:hugetlb,memory:/docker/abc\n0::/"), "/docker/abc");
  EXPECT_EQ(CgroupPathIn("8:pids:/p:q\n1:name=systemd:/x\n"), "/p:q");
  EXPECT_EQ(CgroupPathIn("1:name=systemd:/x\n2:cpu:/y\nmemory:/z\n"), std::nullopt);
  EXPECT_EQ(CgroupPathIn(""), std::nullopt);
}

TEST(ResolveReference, LeavesToTheDaemonWhatItCanResolve) {
  for (const char* reference : {"web", "shop/web", "docker://abc", "cgroup:/x", "pids"})
    EXPECT_EQ(*ResolveReference(reference), reference);
}

TEST(ResolveReference, TurnsProcessesIntoCgroups) {
  TempDir proc;
  ASSERT_EQ(::mkdir((proc / "42").c_str(), 0755), 0);
  ASSERT_EQ(::mkdir((proc / "self").c_str(), 0755), 0);
  ASSERT_TRUE(WriteFile(proc / "42/cgroup", "0::/docker/abc\n"));
  ASSERT_TRUE(WriteFile(proc / "self/cgroup", "0::/me\n"));
  EXPECT_EQ(*ResolveReference("pid:42", proc.path()), "cgroup:/docker/abc");
  EXPECT_EQ(*ResolveReference("self", proc.path()), "cgroup:/me");
  EXPECT_TRUE(absl::IsNotFound(ResolveReference("pid:43", proc.path()).status()));
}

TEST(ResolveReference, RefusesWhatCannotBeAReference) {
  for (const char* reference : {"", "pid:", "pid:self", "pid:../1", "pid:-1", "a\xff"})
    EXPECT_TRUE(absl::IsInvalidArgument(ResolveReference(reference).status())) << reference;
}

}  // namespace
}  // namespace capmon
