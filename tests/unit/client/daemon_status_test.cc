// SPDX-License-Identifier: Apache-2.0
#include "client/render/daemon_status.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

constexpr int64_t kNow = 1'800'000'000;

v1::Health NotServing(int64_t seen) {
  v1::Health health;
  health.set_reason("evidence cannot be stored");
  health.mutable_last_seen()->set_seconds(seen);
  return health;
}

TEST(IsAliveTest, WhatCountsItsOwnChecksIsNotStartedAgain) {
  v1::Health serving;
  serving.set_serving(true);
  EXPECT_TRUE(IsAlive(serving, kNow));
  EXPECT_TRUE(IsAlive(NotServing(kNow - 4), kNow));
  EXPECT_TRUE(IsAlive(NotServing(kNow + 3600), kNow));  // the clock was set back
}

TEST(IsAliveTest, WhatHasStoppedCountingIs) {
  EXPECT_FALSE(IsAlive(NotServing(kNow - 61), kNow));
  EXPECT_FALSE(IsAlive(v1::Health(), kNow));  // not one yet
}

}  // namespace
}  // namespace capmon
