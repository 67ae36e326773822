// SPDX-License-Identifier: Apache-2.0
// A container whose file system never answers processes from outside: it makes itself unknown, its
// neighbours stay known, and neither capmond nor capmon hangs.
#include <endian.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class UnansweringTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    if (::access("/dev/fuse", R_OK | W_OK) != 0) GTEST_SKIP() << "there is no /dev/fuse";
    rootfs_ = directory_ / "rootfs";
    ASSERT_TRUE(MakeTriggerRootfs(rootfs_).ok());
    for (const char* program : {"unanswering", "needs"})
      std::filesystem::copy_file(std::string(CAPMON_BINARY_DIR "/bin/") + program,
                                 rootfs_ + "/bin/" + program);
    std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/needs", rootfs_ + "/bin/carries");
    vfs_cap_data data = {};
    data.magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE);
    data.data[0].permitted = htole32(1u << CAP_NET_BIND_SERVICE);
    ASSERT_EQ(::setxattr((rootfs_ + "/bin/carries").c_str(), "security.capability", &data,
                         sizeof(data), 0),
              0);
    StartDaemon();
  }

  void StartDaemon() {
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--state-dir", directory_ / "state"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }

  // With the fexit back end the kernel reports file capabilities, and nothing is read.
  bool ReadsFiles() { return daemon_->Json({"status"}).value("backend", "") != "fexit"; }

  uint64_t Counter(const std::string& name) {
    return Number(daemon_->Json({"status"}).at("counters"), name);
  }

  std::optional<RuncContainer> Unanswering(const std::string& how) {
    ContainerSpec spec{rootfs_, {"/bin/unanswering", how}, {"CAP_SYS_ADMIN", "CAP_CHOWN"}};
    spec.fuse = true;
    spec.state = directory_ / "runc";
    auto container = RuncContainer::Start(spec);
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return std::nullopt;
    EXPECT_TRUE(Eventually([&] { return container->process().out() == "mounted\n"; }))
        << container->process().err();
    return *std::move(container);
  }

  // Returns the pid of a container's first process.
  std::string PidOf(const RuncContainer& container) {
    const Outcome state =
        RunProgram({"runc", "--root", directory_ / "runc", "state", container.id()});
    const json parsed = json::parse(state.out, nullptr, false);
    return parsed.is_object() ? std::to_string(parsed.value("pid", 0)) : state.err;
  }

  void ExpectANeighbourToBeKnown() {
    auto container = RuncContainer::Start({rootfs_,
                                           {"/bin/needs", "execute", "/bin/carries"},
                                           {"CAP_NET_BIND_SERVICE", "CAP_CHOWN"}});
    ASSERT_TRUE(container.ok()) << container.status();
    const json profile = ProfileOnce(*daemon_, container->id(), [](const json& now) {
      return Keep(now).contains("CAP_NET_BIND_SERVICE") && Row(now, "CAP_CHOWN").is_object();
    });
    EXPECT_EQ(Row(profile, "CAP_NET_BIND_SERVICE").value("verdict", ""), "constraint")
        << profile.dump(1) << daemon_->Json({"status"}).dump(1);
    container->process().CloseInput();
    (void)container->process().Wait();
  }

  const TempDir directory_;
  std::string rootfs_;
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(UnansweringTest, WhatIsMountedSoIsNotReadAndUnknown) {
  if (!ReadsFiles()) GTEST_SKIP() << "this back end reads no files";
  const auto container = Unanswering("stay");
  ASSERT_TRUE(container);
  const json profile = ProfileOnce(*daemon_, container->id(), [](const json& now) {
    return now.dump().find("/mnt/program") != std::string::npos;
  });
  EXPECT_EQ(Row(profile, "CAP_CHOWN").value("verdict", ""), "unknown") << profile.dump(1);
  EXPECT_THAT(profile.at("recommendation").value("unknown_reason", ""), HasSubstr("/mnt/program"));
  ExpectANeighbourToBeKnown();
  EXPECT_EQ(Counter("files_unread_hung"), 0) << "it was not asked at all";
}

// Below an overlay, whose type does not show it.
TEST_F(UnansweringTest, AReaderThatHangsStopsNothing) {
  if (!ReadsFiles()) GTEST_SKIP() << "this back end reads no files";
  const auto container = Unanswering("pass");
  ASSERT_TRUE(container);
  ASSERT_TRUE(Eventually([&] { return Counter("file_readers_hanging") == 1; }))
      << daemon_->Json({"status"}).dump(1);
  ExpectANeighbourToBeKnown();
  const json profile = daemon_->Json({"profile", container->id()});
  EXPECT_EQ(Row(profile, "CAP_CHOWN").value("verdict", ""), "unknown") << profile.dump(1);

  EXPECT_EQ(daemon_->Stop().value_or(-1), 0) << daemon_->process().err();
  StartDaemon();
  ASSERT_TRUE(Eventually([&] { return Counter("file_readers_hanging") == 1; }))
      << daemon_->Json({"status"}).dump(1);
  daemon_->process().Signal(SIGKILL);
  EXPECT_EQ(daemon_->process().Wait().value_or(-1), 128 + SIGKILL);
  StartDaemon();  // the lock of the state directory is free
  ExpectANeighbourToBeKnown();
}

TEST_F(UnansweringTest, ASearchForPrivilegedFilesLeavesItOutOrEnds) {
  const auto container = Unanswering("stay");
  ASSERT_TRUE(container);
  const std::string pid = PidOf(*container);
  const Outcome around = daemon_->Capmon({"files", pid, "-o", "json"});
  EXPECT_EQ(around.exit_code, 0) << around.err;
  const json listing = json::parse(around.out, nullptr, false);
  ASSERT_TRUE(listing.is_object()) << around.out << around.err;
  EXPECT_EQ(Number(listing.at("skipped"), "file systems: fuse"), 1) << listing.dump(1);
  EXPECT_THAT(listing.at("files").dump(), HasSubstr("/bin/carries"));

  const Outcome into =
      daemon_->Capmon({"files", "/proc/" + pid + "/root/mnt", "--max-time", "1", "-o", "json"});
  EXPECT_EQ(into.exit_code, 5) << into.err;
  EXPECT_THAT(into.out, HasSubstr("did not answer"));

  auto signalled = ChildProcess::Start(
      {CapmonBinary(), "files", "/proc/" + pid + "/root/mnt", "--max-time", "600"});
  ASSERT_TRUE(signalled.ok());
  ::usleep(500'000);
  signalled->Signal(SIGTERM);
  EXPECT_EQ(signalled->Wait().value_or(-1), 128 + SIGTERM);
}

}  // namespace
}  // namespace capmon
