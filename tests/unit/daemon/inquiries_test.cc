// SPDX-License-Identifier: Apache-2.0
#include "daemon/inquiries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "daemon/collector/host_files.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

ExecRefused Refused(const std::string& path) {
  ExecRefused refused;
  refused.time = 5;
  refused.cgroup = 1;
  refused.path = path;
  return refused;
}

class InquiriesTest : public testing::Test {
 protected:
  InquiriesTest() {
    config_.proc = directory_.path();  // no process is there
    config_.docker_sockets = config_.cri_sockets = {"none"};
    config_.run_dirs = {directory_.path()};
    config_.docker_roots = config_.storage_roots = {"none"};
    monitor_.Apply(CgroupMade{1, 1, "/", false});
  }

  std::unique_ptr<ReadingProcess> Reading() {
    auto reading = ReadingProcess::Start([files = std::make_shared<HostFiles>(config_.proc)](
                                             const FileQuestion& q) { return files->Answer(q); });
    EXPECT_TRUE(reading.ok()) << reading.status();
    return reading.ok() ? *std::move(reading) : nullptr;
  }

  TempDir directory_;
  Config config_;
  Monitor monitor_{CallSites::BuiltIn(), {}};
};

TEST_F(InquiriesTest, ARecordingCausesNoInquiry) {
  Inquiries inquiries;
  EXPECT_FALSE(inquiries.HoldsBack(Refused("/bin/ping"), monitor_));
  inquiries.Follow(CgroupMade{1, 2, "/docker/x", false}, monitor_);
  EXPECT_THAT(inquiries.Answers({7}), IsEmpty());
  EXPECT_THAT(inquiries.fds(), IsEmpty());
  EXPECT_THAT(inquiries.layers(), ElementsAre(Field(&Layer::name, "cgroup")));
}

// Whether a capability was missing, the file says; an exec without a file is no evidence.
TEST_F(InquiriesTest, ARefusedExecWaitsForItsFile) {
  Inquiries inquiries(config_, directory_.path(), Reading());
  EXPECT_TRUE(inquiries.HoldsBack(Refused(directory_ / "missing"), monitor_));
  EXPECT_FALSE(inquiries.HoldsBack(Refused(""), monitor_));
  ExecRefused answered = Refused("/bin/ping");
  answered.known = true;
  EXPECT_FALSE(inquiries.HoldsBack(answered, monitor_));
  pollfd ready{inquiries.fds().back(), POLLIN, 0};
  ASSERT_EQ(::poll(&ready, 1, -1), 1);
  for (const KernelEvent& event : inquiries.Answers({}))
    EXPECT_FALSE(std::holds_alternative<ExecRefused>(event));
}

// What a container's first program carries is not known until its file was read.
TEST_F(InquiriesTest, AnExecutedFileIsUnreadMeanwhile) {
  Inquiries inquiries(config_, directory_.path(), Reading());
  const std::string id(64, 'a');
  monitor_.Apply(CgroupMade{2, 7, "/docker/" + id, false});
  ProcessExec exec;
  exec.time = 3;
  exec.cgroup = 7;
  exec.path = "/bin/sh";
  exec.exe = 11;
  exec.exe_origin = ExeOrigin::kOwn;
  monitor_.Apply(exec);
  const auto meanwhile = inquiries.Follow(exec, monitor_);
  ASSERT_TRUE(meanwhile && std::holds_alternative<FileRead>(*meanwhile));
  EXPECT_FALSE(std::get<FileRead>(*meanwhile).known);
  monitor_.Apply(*meanwhile);
  EXPECT_FALSE(inquiries.Follow(exec, monitor_)) << "known to be unread";
  EXPECT_TRUE(inquiries.AwaitFiles());
  EXPECT_TRUE(inquiries.HaveFiles());
  for (const KernelEvent& event : inquiries.Answers({})) {
    if (const auto* read = std::get_if<FileRead>(&event)) {
      EXPECT_FALSE(read->known) << "no process is there";
    }
  }
}

TEST_F(InquiriesTest, EveryLayerIsShown) {
  Inquiries inquiries(config_, directory_.path(), Reading());
  std::vector<std::string> names;
  for (const Layer& layer : inquiries.layers()) names.push_back(layer.name);
  EXPECT_THAT(names, ElementsAre("cgroup", "oci", "systemd", "files"));
}

}  // namespace
}  // namespace capmon
