// SPDX-License-Identifier: Apache-2.0
// What the walker did in a container to hide, and capmon's profile of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {

class HiddenTest : public WatchedTest {
 protected:
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeWalkerRootfs(rootfs()).ok());
  }
  std::string rootfs() const { return directory_ / "rootfs"; }

  // Returns the profile of a container that did this.
  nlohmann::json After(const std::vector<std::string>& words) {
    std::vector<std::string> command = {"/bin/walker"};
    command.insert(command.end(), words.begin(), words.end());
    return AfterCommand(command);
  }
  nlohmann::json AfterCommand(const std::vector<std::string>& command) {
    auto container = RuncContainer::Start({rootfs(), command, {"CAP_SYS_ADMIN", "CAP_NET_RAW"}});
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return {};
    id_ = container->id();
    EXPECT_EQ(container->process().Wait().value_or(-1), 0)
        << container->process().out() << container->process().err();
    return FinalProfile(daemon(), id_);
  }

  std::set<std::string> TraitsOfNetRaw() {
    const nlohmann::json explained = daemon().Json({"explain", id_, "NET_RAW"});
    std::set<std::string> traits;
    for (const nlohmann::json& evidence : explained.at("capability").at("evidence"))
      for (const nlohmann::json& trait : evidence.value("traits", nlohmann::json::array()))
        traits.insert(trait);
    return traits;
  }
  // Expects a need of the workload, a note that it ran from memory, and an alert.
  void ExpectFoundFromMemory(const nlohmann::json& profile) {
    EXPECT_THAT(Keep(profile), testing::Contains("CAP_NET_RAW")) << profile.dump(1);
    EXPECT_THAT(TraitsOfNetRaw(), testing::Contains("from-memory")) << profile.dump(1);
    EXPECT_TRUE(Eventually([&] {
      const std::string alerts = daemon().Capmon({"alerts", "-o", "jsonl"}).out;
      return alerts.find("from_memory:CAP_NET_RAW:") != alerts.npos &&
             alerts.find(id_) != alerts.npos;
    })) << daemon().Capmon({"alerts", "-o", "jsonl"}).out;
  }

  TempDir directory_;
  std::string id_;
};

}  // namespace capmon
