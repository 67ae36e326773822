// SPDX-License-Identifier: Apache-2.0
// On a real cgroup tree where there is one; and on directories, without the capability that handles
// need, where walking finds them.
#include "daemon/attribution/cgroup_resolver.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/attribution/cgroup_mounts.h"

namespace capmon {
namespace {

// This thread is without CAP_DAC_READ_SEARCH for a while.
class Unprivileged {
 public:
  Unprivileged() {
    ::syscall(SYS_capget, &header_, before_);
    __user_cap_data_struct fewer[2] = {before_[0], before_[1]};
    fewer[0].effective &= ~(1u << CAP_DAC_READ_SEARCH);
    ::syscall(SYS_capset, &header_, fewer);
  }
  ~Unprivileged() { ::syscall(SYS_capset, &header_, before_); }

 private:
  __user_cap_header_struct header_ = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2] = {};
};

TEST(CgroupResolver, WalksWhereHandlesDoNotWork) {
  char pattern[] = "/tmp/capmon-treeXXXXXX";
  const std::string tree = ::mkdtemp(pattern);
  std::filesystem::create_directories(tree + "/docker/abc");
  const CgroupId known = *CgroupIdOfPath(tree + "/docker/abc");
  const CgroupId unknown = known + 1'000'000'007;
  const Unprivileged unprivileged;
  CgroupResolver resolver(tree);
  EXPECT_TRUE(resolver.Resolve({}, kSecond).empty());
  const auto events = resolver.Resolve({known, unknown}, kSecond);
  ASSERT_EQ(events.size(), 1u);
  const auto& made = std::get<CgroupMade>(events.front());
  EXPECT_EQ(made.cgroup, known);
  EXPECT_EQ(made.path, "/docker/abc");
  EXPECT_TRUE(made.existing);
  EXPECT_FALSE(resolver.trouble().empty());
  // The other one is looked for again, but not in vain all the time.
  std::filesystem::rename(tree + "/docker/abc", tree + "/docker/def");
  EXPECT_TRUE(resolver.Resolve({known, unknown}, 2 * kSecond).empty());
  EXPECT_EQ(resolver.Resolve({known}, 40 * kSecond).size(), 1u);
  // In the end it is given up.
  for (TimeNs t = 0; t < 40; ++t) resolver.Resolve({unknown}, (100 + t * 2000) * kSecond);
  std::filesystem::create_directories(tree + "/late");
  const CgroupId late = *CgroupIdOfPath(tree + "/late");
  EXPECT_EQ(resolver.Resolve({late}, 1'000'000 * kSecond).size(), 1u);
  std::filesystem::remove_all(tree);
}

TEST(CgroupResolver, QueriesTheKernelByHandle) {
  std::ifstream file("/proc/self/mountinfo");
  const CgroupMounts mounts = ParseCgroupMounts(
      std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
  if (!mounts.unified) GTEST_SKIP() << "no cgroup2 mount here";
  const std::string point = mounts.unified->point;
  const std::string path = "/capmon-resolver-" + std::to_string(::getpid());
  if (::mkdir((point + path).c_str(), 0755) != 0) GTEST_SKIP() << "cannot make a cgroup here";
  const CgroupId id = *CgroupIdOfPath(point + path);
  CgroupResolver resolver(point);
  const auto events = resolver.Resolve({id}, kSecond);
  ASSERT_EQ(::rmdir((point + path).c_str()), 0);
  if (!resolver.trouble().empty()) GTEST_SKIP() << resolver.trouble();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<CgroupMade>(events.front()).path, path);
  const auto gone = resolver.Resolve({id}, 10 * kSecond);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(std::get<CgroupRemoved>(gone.front()).cgroup, id);
}

}  // namespace
}  // namespace capmon
