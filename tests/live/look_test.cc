// SPDX-License-Identifier: Apache-2.0
// `capmon inspect` and `capmon files` of a real container, found through capmond.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <string>

#include "tests/live/live_test.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class LookTest : public WatchedTest {
 protected:
  LookTest() : WatchedTest({"runc", "busybox"}) {}

  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    const std::string rootfs = directory_ / "rootfs";
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs).ok());
    ASSERT_TRUE(WriteFile(rootfs + "/srv/tool", ""));
    ASSERT_EQ(chmod((rootfs + "/srv/tool").c_str(), 04755), 0);
    auto container = RuncContainer::Start({rootfs,
                                           {"/bin/sh", "-c", "sleep 1000 & echo ready; cat; exit"},
                                           {"CAP_NET_RAW", "CAP_CHOWN"}});
    ASSERT_TRUE(container.ok()) << container.status();
    container_.emplace(*std::move(container));
    ASSERT_TRUE(Eventually([&] {
      return container_->process().out().find("ready") != std::string::npos &&
             daemon().Json({"profile", container_->id()}).is_object();
    })) << container_->process().err();
  }

  const TempDir directory_;
  std::optional<RuncContainer> container_;
};

TEST_F(LookTest, InspectShowsEveryProcessOfTheContainer) {
  const json inspection = daemon().Json({"inspect", container_->id()});
  ASSERT_TRUE(inspection.is_object()) << daemon().Capmon({"inspect", container_->id()}).err;
  EXPECT_EQ(inspection.at("container").at("id"), container_->id());
  ASSERT_EQ(inspection.at("groups").size(), 1u) << inspection.dump(1);
  const json& group = inspection.at("groups")[0];
  EXPECT_EQ(group.at("processes").size(), 3u) << "sh, sleep and cat: " << inspection.dump(1);
  EXPECT_EQ(group.at("held").at("bounding"), json({"CAP_CHOWN", "CAP_NET_RAW"}));
  EXPECT_EQ(group.at("held").at("effective"), json({"CAP_CHOWN", "CAP_NET_RAW"}));
  EXPECT_THAT(daemon().Capmon({"inspect", container_->id()}).out,
              HasSubstr("3 processes hold the same: "));
}

TEST_F(LookTest, FilesAreThoseOfTheContainersOwnRoot) {
  const json listing = daemon().Json({"files", container_->id()});
  ASSERT_TRUE(listing.is_object()) << daemon().Capmon({"files", container_->id()}).err;
  std::set<std::string> paths;
  for (const json& file : listing.at("files")) paths.insert(file.at("path"));
  EXPECT_EQ(paths, std::set<std::string>{"/srv/tool"});
  EXPECT_TRUE(listing.at("complete"));
}

TEST_F(LookTest, AContainerThatEndedIsOneSentence) {
  const std::string id = container_->id();
  container_.reset();
  for (const char* command : {"inspect", "files"}) {
    const Outcome outcome = daemon().Capmon({command, id});
    EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
    EXPECT_THAT(outcome.err, testing::StartsWith("capmon: "));
  }
}

}  // namespace
}  // namespace capmon
