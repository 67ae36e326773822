// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/live_cgroups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// One round of the event loop.
std::set<CgroupId> Round(LiveCgroups& live) {
  live.BeforeRead();
  live.Delivered();
  live.Taken();
  return live.Persisted();
}

TEST(LiveCgroupsTest, CountersAreFreedOnlyAfterTheReadThatFollowsTheRemoval) {
  LiveCgroups live;
  live.Made(7);
  live.BeforeRead();
  live.Removed(7);  // reported while the counters were being read
  live.Delivered();
  live.Taken();
  EXPECT_THAT(live.Persisted(), IsEmpty());
  EXPECT_TRUE(live.Reported(7)) << "its last counts are still to come";
  EXPECT_THAT(Round(live), ElementsAre(7));
  EXPECT_FALSE(live.Reported(7));
}

TEST(LiveCgroupsTest, AFailedReadFreesNothing) {
  LiveCgroups live;
  live.Removed(7);
  live.BeforeRead();
  live.Taken();  // without Delivered()
  EXPECT_THAT(live.Persisted(), IsEmpty());
  EXPECT_THAT(Round(live), ElementsAre(7));
}

TEST(LiveCgroupsTest, EveryCountedIdThatNoRecordIsAboutIsLookedUp) {
  LiveCgroups live;
  live.Made(1);
  live.Removed(2);
  EXPECT_THAT(live.Suspects({1, 2, 3, 4}, 10), UnorderedElementsAre(3, 4, 1));
}

TEST(LiveCgroupsTest, TheOthersAreLookedUpInTurn) {
  LiveCgroups live;
  for (const CgroupId cgroup : {1, 2, 3}) live.Made(cgroup);
  EXPECT_THAT(live.Suspects({1, 2, 3}, 2), ElementsAre(1, 2));
  EXPECT_THAT(live.Suspects({1, 2, 3}, 2), ElementsAre(3, 1));
}

TEST(LiveCgroupsTest, ARescanNamesThoseThatWereMissed) {
  LiveCgroups live;
  live.Made(1);
  live.Made(2);
  EXPECT_THAT(live.Rescanned({2, 3}), ElementsAre(1));
  EXPECT_TRUE(live.Contains(3));
  EXPECT_TRUE(live.Reported(3));
}

// Records of making and removing are lost at random, and counters of cgroups come at any time:
// whatever happens, no counter of a cgroup that is gone stays.
TEST(LiveCgroupsTest, NoCounterOutlivesItsCgroupWhateverRecordsAreLost) {
  std::mt19937 random(20);
  LiveCgroups live;
  std::set<CgroupId> exist, counted;
  CgroupId next = 1;
  const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
  const auto settle = [&] {
    for (const CgroupId cgroup : live.Suspects(counted, 64)) {
      if (!exist.contains(cgroup))
        live.Removed(cgroup);
      else if (!live.Contains(cgroup))
        live.Made(cgroup);
    }
    for (const CgroupId cgroup : Round(live)) {
      EXPECT_FALSE(exist.contains(cgroup)) << "freed although it lives";
      counted.erase(cgroup);
    }
  };
  for (int step = 0; step < 5000; ++step) {
    if (chance(50)) {
      exist.insert(next);
      if (chance(70)) live.Made(next);
      if (chance(80)) counted.insert(next);
      ++next;
    } else if (!exist.empty()) {
      const CgroupId gone = *exist.begin();
      exist.erase(exist.begin());
      if (chance(70)) live.Removed(gone);
      if (chance(10)) counted.insert(gone);  // a task that is exiting
    }
    if (chance(10)) settle();
  }
  for (int i = 0; i < 200; ++i) settle();
  for (const CgroupId cgroup : counted) EXPECT_TRUE(exist.contains(cgroup)) << cgroup;
}

}  // namespace
}  // namespace capmon
