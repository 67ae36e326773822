// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cgroup_mounts.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST(CgroupMounts, UnifiedHierarchyAlone) {
  const CgroupMounts mounts = ParseCgroupMounts(
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  EXPECT_EQ(mounts.layout, "v2");
  ASSERT_TRUE(mounts.unified);
  EXPECT_EQ(mounts.unified->point, "/sys/fs/cgroup");
  EXPECT_EQ(mounts.unified->root, "/");
  EXPECT_TRUE(mounts.controllers.empty());
}

// Found by fuzz.mountinfo.
TEST(CgroupMounts, NothingIsMountedNowhere) {
  EXPECT_FALSE(ParseCgroupMounts("30 23 0:26 /  rw,nosuid shared:4 - cgroup2 cgroup2 rw").unified);
}

TEST(CgroupMounts, Hybrid) {
  const CgroupMounts mounts = ParseCgroupMounts(
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 /part /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw");
  EXPECT_EQ(mounts.layout, "hybrid");
  EXPECT_EQ(mounts.unified->point, "/sys/fs/cgroup/unified");
  ASSERT_EQ(mounts.controllers.size(), 4u);
  EXPECT_EQ(mounts.controllers.at("cpu").point, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(mounts.controllers.at("cpuacct").point, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(mounts.controllers.at("memory").root, "/part");
  EXPECT_EQ(mounts.controllers.at("name=systemd").point, "/sys/fs/cgroup/systemd");
}

TEST(CgroupMounts, NamedHierarchiesDoNotMakeAHybrid) {
  EXPECT_EQ(ParseCgroupMounts("1 1 0:1 / /cg rw - cgroup2 none rw\n"
                              "2 1 0:2 / /sd rw - cgroup none rw,xattr,name=systemd\n")
                .layout,
            "v2");
}

TEST(CgroupMounts, WatchesWhatEveryRuntimeUses) {
  const std::string pids = "1 1 0:1 / /cg/pids rw - cgroup none rw,pids\n";
  const std::string memory = "2 1 0:2 / /cg/memory rw - cgroup none rw,memory\n";
  const std::string unified = "3 1 0:3 / /cg/unified rw - cgroup2 none rw\n";
  const std::string systemd = "4 1 0:4 / /cg/systemd rw - cgroup none rw,name=systemd\n";
  const std::string cpu = "5 1 0:5 / /cg/cpu rw - cgroup none rw,cpu\n";
  const auto watched = [](const std::string& mountinfo) {
    const auto hierarchy = HierarchyToWatch(ParseCgroupMounts(mountinfo));
    return hierarchy ? hierarchy->mount.point + " " + hierarchy->v1_controller : "none";
  };
  EXPECT_EQ(watched(unified), "/cg/unified ");
  EXPECT_EQ(watched(unified + systemd), "/cg/unified ");
  EXPECT_EQ(watched(unified + cpu), "/cg/unified ");
  EXPECT_EQ(watched(unified + memory + pids), "/cg/pids pids");
  EXPECT_EQ(watched(memory + pids), "/cg/pids pids");
  EXPECT_EQ(watched(unified + memory), "/cg/memory memory");
  EXPECT_EQ(watched(cpu + systemd), "none");
}

TEST(CgroupMounts, FirstVersionAlone) {
  const CgroupMounts mounts = ParseCgroupMounts("1 1 0:1 / /cg rw shared:1 - cgroup none rw,pids");
  EXPECT_EQ(mounts.layout, "v1");
  EXPECT_FALSE(mounts.unified);
}

TEST(CgroupMounts, PrefersTheMountThatShowsAll) {
  const CgroupMounts mounts = ParseCgroupMounts(
      "1 1 0:1 /docker/abc /sub rw - cgroup2 none rw\n"
      "2 1 0:1 / /all\\040of\\134it rw shared:1 master:2 - cgroup2 none rw\n"
      "3 1 0:1 / /again rw - cgroup2 none rw\n");
  EXPECT_EQ(mounts.unified->point, "/all of\\it");
  EXPECT_EQ(mounts.unified->root, "/");
  const CgroupMounts first = ParseCgroupMounts(
      "1 1 0:1 /docker/abc /own rw - cgroup none rw,pids\n"
      "2 1 0:1 / /host rw - cgroup none rw,pids\n"
      "3 1 0:1 / /again rw - cgroup none rw,pids\n");
  EXPECT_EQ(first.controllers.at("pids").point, "/host");
}

// As in a pod: the runtime mounts the pod's own cgroup, and the DaemonSet the host's tree.
TEST(CgroupMounts, InACgroupNamespacePrefersWhatIsAboveIt) {
  const std::string own = "1 1 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
  const std::string pod = "2 1 0:26 /.. /pod ro - cgroup2 cgroup rw\n";
  const std::string beside = "3 1 0:26 /../../../other /other ro - cgroup2 cgroup rw\n";
  const std::string host = "4 1 0:26 /../../.. /host/cgroup ro - cgroup2 cgroup2 rw\n";
  for (const std::string& mountinfo :
       {own + pod + beside + host, host + beside + pod + own, beside + host + own}) {
    const CgroupMounts mounts = ParseCgroupMounts(mountinfo);
    EXPECT_EQ(mounts.unified->point, "/host/cgroup") << mountinfo;
  }
  EXPECT_EQ(ParseCgroupMounts(own + pod).unified->point, "/pod");
}

TEST(CgroupMounts, PassesOverWhatItCannotRead) {
  for (const std::string text :
       {"", "\n\n", "nonsense", " - ", "1 2 3 - cgroup2 none rw", "1 1 0:1 / /cg rw - cgroup2",
        "1 1 0:1 / /cg rw cgroup2 none rw", "1 1 0:1 / /cg rw - tmpfs cgroup2 rw"}) {
    const CgroupMounts mounts = ParseCgroupMounts(text);
    EXPECT_EQ(mounts.layout, "") << text;
    EXPECT_FALSE(mounts.unified) << text;
  }
  EXPECT_EQ(ParseCgroupMounts("1 1 0:1 / /c\\04 rw - cgroup2 none rw").unified->point, "/c\\04");
}

class TreeTest : public ::testing::Test {
 protected:
  TreeTest() {
    std::string pattern = ::testing::TempDir() + "/cgroupsXXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~TreeTest() override { fs::remove_all(root_); }

  std::map<std::string, CgroupId> Walk() {
    std::map<std::string, CgroupId> found;
    walk_ = WalkCgroups(root_, [&](CgroupId id, const std::string& path) {
      const std::string parent = path.substr(0, path.rfind('/'));
      EXPECT_TRUE(path == "/" || parent.empty() || found.contains(parent)) << path;
      found[path] = id;
    });
    return found;
  }

  std::string root_;
  CgroupWalk walk_;
};

TEST_F(TreeTest, FindsEveryDirectoryAndNothingElse) {
  fs::create_directories(root_ + "/docker/abc/init");
  fs::create_directories(root_ + "/system.slice");
  fs::create_directory_symlink(root_ + "/docker", root_ + "/loop");
  std::ofstream(root_ + "/cgroup.procs") << "1\n";
  const auto found = Walk();
  struct stat root;
  ASSERT_EQ(::stat(root_.c_str(), &root), 0);
  struct stat init;
  ASSERT_EQ(::stat((root_ + "/docker/abc/init").c_str(), &init), 0);
  EXPECT_THAT(found,
              ElementsAre(Pair("/", root.st_ino), Pair("/docker", ::testing::_),
                          Pair("/docker/abc", ::testing::_), Pair("/docker/abc/init", init.st_ino),
                          Pair("/system.slice", ::testing::_)));
  EXPECT_EQ(walk_.seen, 5u);
  EXPECT_EQ(walk_.skipped, 0u);
}

TEST_F(TreeTest, SkipsWhatIsTooDeepToOpen) {
  const std::string name(200, 'd');
  UniqueFd at(::open(root_.c_str(), O_RDONLY | O_DIRECTORY));
  for (int depth = 0; depth < 30; ++depth) {  // 6,000 bytes, more than a path may have
    ASSERT_EQ(::mkdirat(at.get(), name.c_str(), 0700), 0);
    at = UniqueFd(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
    ASSERT_TRUE(at);
  }
  Walk();
  EXPECT_GT(walk_.seen, 15u);
  EXPECT_LT(walk_.seen, 31u);
  EXPECT_EQ(walk_.skipped, 1u);
}

TEST_F(TreeTest, NothingThereIsNothingFound) {
  fs::remove_all(root_);
  EXPECT_TRUE(Walk().empty());
  const auto id = CgroupIdOfPath(root_);
  EXPECT_EQ(id.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(id.status().message()), ::testing::HasSubstr(root_));
}

TEST_F(TreeTest, OtherFileSystemsKnowNoCgroupHandles) {
  const UniqueFd mount(::open(root_.c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_FALSE(PathOfCgroupId(mount.get(), 12345).ok());
  EXPECT_FALSE(PathOfCgroupId(-1, 1).ok());
}

// On this machine's own cgroup2 mount, with a cgroup of our own where that may be made.
class RealTreeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("/proc/self/mountinfo");
    const CgroupMounts mounts = ParseCgroupMounts(
        std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
    if (!mounts.unified) GTEST_SKIP() << "no cgroup2 mount here";
    point_ = mounts.unified->point;
    mount_ = UniqueFd(::open(point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(mount_);
    path_ = "/capmon-test-" + std::to_string(::getpid());
    if (::mkdir((point_ + path_).c_str(), 0755) != 0)
      GTEST_SKIP() << "may not make a cgroup here: " << std::strerror(errno);
  }
  void TearDown() override {
    if (!path_.empty()) ::rmdir((point_ + path_).c_str());
  }

  std::string point_;
  std::string path_;
  UniqueFd mount_;
};

TEST_F(RealTreeTest, WalksToANewCgroup) {
  const auto id = CgroupIdOfPath(point_ + path_);
  ASSERT_TRUE(id.ok()) << id.status();
  std::map<std::string, CgroupId> found;
  WalkCgroups(point_, [&](CgroupId at, const std::string& path) { found[path] = at; });
  EXPECT_EQ(found[path_], *id);
  EXPECT_TRUE(found.contains("/"));
}

TEST_F(RealTreeTest, FindsPathsByIdUntilTheCgroupIsGone) {
  const auto root = CgroupIdOfPath(point_);
  const auto id = CgroupIdOfPath(point_ + path_);
  ASSERT_TRUE(root.ok() && id.ok());
  if (!PathOfCgroupId(mount_.get(), *root).ok()) GTEST_SKIP() << "needs CAP_DAC_READ_SEARCH";
  EXPECT_EQ(*PathOfCgroupId(mount_.get(), *root), "/");
  EXPECT_EQ(*PathOfCgroupId(mount_.get(), *id), path_);
  ASSERT_EQ(::rmdir((point_ + path_).c_str()), 0);
  EXPECT_TRUE(absl::IsNotFound(PathOfCgroupId(mount_.get(), *id).status()));
  EXPECT_TRUE(absl::IsNotFound(PathOfCgroupId(mount_.get(), *id + (CgroupId{1} << 40)).status()));
}

}  // namespace
}  // namespace capmon
