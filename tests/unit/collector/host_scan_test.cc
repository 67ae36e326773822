// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/host_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace capmon {
namespace {

namespace fs = std::filesystem;

void WriteFile(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

class HostScan : public testing::Test {
 protected:
  HostScan() : root_(testing::TempDir() + "/host_scan") { fs::remove_all(root_); }
  std::vector<KernelEvent> Scan() {
    std::vector<KernelEvent> events;
    ScanHost({root_ / "cgroup", root_ / "proc"}, 42,
             [&](const KernelEvent& event) { events.push_back(event); });
    return events;
  }
  fs::path root_;
};

TEST_F(HostScan, ReportsCgroupsAndTheirFirstProcess) {
  WriteFile(root_ / "cgroup/cgroup.procs", "");
  WriteFile(root_ / "cgroup/docker/abc/cgroup.procs", "0\n31\n32\n");
  WriteFile(root_ / "proc/31/status",
            "Name:\tweb\nUid:\t33\t34\t33\t33\nCapPrm:\t0000000000000400\n"
            "CapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n");
  WriteFile(root_ / "proc/31/cmdline", std::string("/bin/web\0-d\0", 12));
  std::set<std::string> paths;
  std::vector<ProcessExec> processes;
  for (const KernelEvent& event : Scan()) {
    if (const auto* made = std::get_if<CgroupMade>(&event)) {
      EXPECT_TRUE(made->existing);
      EXPECT_EQ(made->time, 42);
      paths.insert(made->path);
    }
    if (const auto* exec = std::get_if<ProcessExec>(&event)) processes.push_back(*exec);
  }
  EXPECT_THAT(paths, testing::ElementsAre("/", "/docker", "/docker/abc"));
  ASSERT_EQ(processes.size(), 1u);
  EXPECT_EQ(processes[0].pid, 31u);
  EXPECT_EQ(processes[0].uid, 33u);
  EXPECT_EQ(processes[0].euid, 34u);
  EXPECT_EQ(processes[0].comm, "web");
  EXPECT_EQ(processes[0].path, "/bin/web");
  EXPECT_EQ(processes[0].bounding.bits(), 0xa80425fbu);
  EXPECT_EQ(processes[0].permitted, CapabilitySet{10});
  EXPECT_TRUE(processes[0].no_new_privs);
  EXPECT_EQ(processes[0].seccomp_mode, 2);
  EXPECT_TRUE(processes[0].existing);
}

// A process writes there what it likes.
TEST_F(HostScan, ACommandLineIsNoLongerThanAPath) {
  WriteFile(root_ / "cgroup/a/cgroup.procs", "31\n");
  WriteFile(root_ / "proc/31/status", "Name:\tweb\n");
  WriteFile(root_ / "proc/31/cmdline", std::string(1 << 20, 'x'));
  for (const KernelEvent& event : Scan())
    if (const auto* exec = std::get_if<ProcessExec>(&event)) {
      EXPECT_FALSE(exec->path.empty());
      EXPECT_LT(exec->path.size(), 4096u);
    }
}

TEST_F(HostScan, AProcessThatVanishedIsPassedOver) {
  WriteFile(root_ / "cgroup/a/cgroup.procs", "77\n");
  for (const KernelEvent& event : Scan()) EXPECT_FALSE(std::holds_alternative<ProcessExec>(event));
}

TEST_F(HostScan, NoHierarchyNoEvents) { EXPECT_TRUE(Scan().empty()); }

}  // namespace
}  // namespace capmon
