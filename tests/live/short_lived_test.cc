// SPDX-License-Identifier: Apache-2.0
// Containers that end before capmond can examine them.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

class ShortLivedTest : public WatchedTest {
 protected:
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    const auto made = MakeTriggerRootfs(directory_.path());
    ASSERT_TRUE(made.ok()) << made;
  }

  absl::StatusOr<RuncContainer> Start(int checks = 1) const {
    return Start({"/bin/trigger", "--count", std::to_string(checks), "NET_RAW"});
  }
  absl::StatusOr<RuncContainer> Start(std::vector<std::string> command) const {
    return RuncContainer::Start({directory_.path(), std::move(command), {"CAP_NET_RAW"}});
  }

 private:
  TempDir directory_;
};

std::map<std::string, json> EndedContainers(const CapmonDaemon& daemon) {
  std::map<std::string, json> ended;
  const json list = daemon.Json({"list", "--instances", "-a"});
  if (!list.is_object()) return ended;
  for (const json& summary : list.at("containers")) {
    if (Ended(summary)) ended[summary.at("container").at("id")] = summary;
  }
  return ended;
}

// Returns how many checks the storm printed; 0 if none.
uint64_t DeedsIn(const std::string& out) {
  const std::string before = "NET_RAW done ";
  return out.starts_with(before) ? std::stoull(out.substr(before.size())) : 0;
}

TEST_F(ShortLivedTest, InAStormNoneOfManyIsMissedAndEachCheckIsCounted) {
  auto storm = Start({"/bin/trigger", "--storm", "NET_RAW"});
  ASSERT_TRUE(storm.ok()) << storm.status();
  std::map<std::string, uint64_t> checks;  // made, by container
  for (int i = 0; i < 500 / Patience(); ++i) {
    const int count = i % 7 + 1;
    auto container = Start(count);
    ASSERT_TRUE(container.ok()) << container.status();
    ASSERT_EQ(container->process().Wait().value_or(-1), 0) << container->process().err();
    checks[container->id()] = static_cast<uint64_t>(count);
  }
  ASSERT_TRUE(storm->process().WriteLine("enough"));
  ASSERT_EQ(storm->process().Wait().value_or(-1), 0) << storm->process().err();
  checks[storm->id()] = DeedsIn(storm->process().out());
  ASSERT_GT(checks[storm->id()], 500u) << storm->process().out();

  std::map<std::string, json> ended;
  Eventually([&] {
    ended = EndedContainers(daemon());
    return ended.contains(storm->id());
  });
  for (const auto& [id, count] : checks) {
    ASSERT_TRUE(ended.contains(id)) << id << " is missing among " << ended.size();
    const json profile = daemon().Json({"profile", id});
    ASSERT_TRUE(profile.is_object()) << id;
    EXPECT_EQ(Number(Row(profile, "CAP_NET_RAW"), "count"), count) << profile.dump(1);
    EXPECT_EQ(profile.at("confidence").at("starts"), "1") << profile.dump(1);
  }
}

TEST_F(ShortLivedTest, QuestionsAreAnsweredWhileContainersComeAndGo) {
  for (int i = 0; i < 20 / Patience(); ++i) {
    auto container = Start();
    ASSERT_TRUE(container.ok()) << container.status();
    while (container->process().Running()) {
      const Outcome list = daemon().Capmon({"list", "--instances", "-a"});
      ASSERT_EQ(list.exit_code, 0) << list.err;
      const Outcome profile = daemon().Capmon({"profile", container->id()});
      ASSERT_TRUE(profile.exit_code == 0 || profile.exit_code == 4) << profile.err;
    }
  }
  EXPECT_TRUE(daemon().process().Running());
}

}  // namespace
}  // namespace capmon
