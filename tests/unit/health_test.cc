// SPDX-License-Identifier: Apache-2.0
#include "daemon/health.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

constexpr TimeNs kStart = 100 * kSecond;
constexpr CgroupId kOwn = 7;

TEST(Health, ServesOnlyOnceABeatWasSeen) {
  Health health(kOwn, kStart);
  EXPECT_TRUE(health.Due(kStart));
  EXPECT_FALSE(health.State(kStart).serving);
  health.Seen(kOwn, true, kStart + kSecond);
  EXPECT_TRUE(health.State(kStart + kSecond).serving);
  EXPECT_EQ(health.State(kStart + kSecond).last_seen, kStart + kSecond);
}

TEST(Health, BeatsAreDueOnceAPeriod) {
  Health health(kOwn, kStart);
  EXPECT_TRUE(health.Due(kStart));
  EXPECT_FALSE(health.Due(kStart + Health::kPeriod - 1));
  EXPECT_TRUE(health.Due(kStart + Health::kPeriod));
}

TEST(Health, EndsWhenNoneComesInTime) {
  Health health(kOwn, kStart);
  health.Seen(kOwn, true, kStart);
  EXPECT_TRUE(health.State(kStart + Health::kDeadline).serving);
  const HealthState late = health.State(kStart + Health::kDeadline + kSecond);
  EXPECT_FALSE(late.serving);
  EXPECT_EQ(late.reason, "capmond's own check has not been seen for 6 s");
  health.Seen(kOwn, true, kStart + 9 * kSecond);
  EXPECT_TRUE(health.State(kStart + 9 * kSecond).serving);
}

TEST(Health, EndsWhenTheyAreCountedElsewhere) {
  Health health(kOwn, kStart);
  health.Seen(kOwn, true, kStart);
  health.Seen(8, true, kStart + kSecond);
  EXPECT_TRUE(health.State(kStart + Health::kDeadline).serving);  // it may be of another process
  EXPECT_EQ(health.State(kStart + Health::kDeadline + 1).reason,
            "capmond's own check was counted in cgroup 8 instead of 7");
  health.Seen(kOwn, true, kStart + 2 * Health::kDeadline);
  EXPECT_TRUE(health.State(kStart + 2 * Health::kDeadline).serving);
}

TEST(Health, EndsWhenTheirCgroupHasNoName) {
  Health health(kOwn, kStart);
  health.Seen(kOwn, false, kStart);
  EXPECT_EQ(health.State(kStart).reason, "capmond's own cgroup 7 has no name");
}

TEST(Health, IsNotServingWhileTheMapOfCountersIsFull) {
  Health health(7, 0);
  health.Seen(7, true, kSecond);
  health.MapUsed(1024, 1024);
  EXPECT_FALSE(health.State(kSecond).serving);
  EXPECT_NE(health.State(kSecond).reason.find("1024"), std::string::npos);
  health.MapUsed(1000, 1024);
  EXPECT_TRUE(health.State(kSecond).serving);
}

TEST(Health, IsNotServingWhileTheRingDropsEverything) {
  Health health(kOwn, 0);
  health.Seen(kOwn, true, kSecond);
  const auto batch = [&](bool came, uint64_t lost) {
    if (came) health.RecordCame();
    health.RecordsLost(lost);
    health.BatchEnded(kSecond);
    return health.State(kSecond).serving;
  };
  EXPECT_TRUE(batch(false, 0));
  EXPECT_TRUE(batch(true, 1000)) << "a part";
  EXPECT_TRUE(batch(false, 30)) << "a burst";
  EXPECT_TRUE(batch(false, 0));
  EXPECT_FALSE(batch(false, 12));
  EXPECT_NE(health.State(kSecond).reason.find("the last 42 records"), std::string::npos);
  EXPECT_TRUE(health.State(kSecond + Health::kDeadline + 1).reason.find("records") ==
              std::string::npos)
      << "nothing was lost since";
  EXPECT_TRUE(batch(true, 0));
}

TEST(Health, EndsWhileTheStoreFails) {
  const HealthState serving{true, "", kStart};
  const std::vector<Layer> failing = {{"pins", "ok", ""}, {"store", "failing", "the disk is full"}};
  const HealthState state = WithStore(serving, failing);
  EXPECT_FALSE(state.serving);
  EXPECT_NE(state.reason.find("the disk is full"), state.reason.npos) << state.reason;
  EXPECT_EQ(state.last_seen, kStart);
  EXPECT_TRUE(WithStore(serving, {{"store", "ok", ""}, {"pins", "failing", "x"}}).serving);
  EXPECT_TRUE(WithStore(serving, {{"store", "absent", "--state-dir none"}}).serving);
  EXPECT_EQ(WithStore({false, "first", 0}, failing).reason, "first");
}

}  // namespace
}  // namespace capmon
