// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/backoff.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

const absl::Status kAway = absl::UnavailableError("away");

TEST(Backoff, GrowsToItsBoundAndBeginsAgain) {
  Backoff backoff(1);
  Backoff::Milliseconds full = Backoff::kFirst;
  for (int i = 0; i < 40; ++i) {
    const auto delay = backoff.Next(kAway, std::nullopt);
    EXPECT_GE(delay, full / 2);
    EXPECT_LE(delay, full);
    full = std::min(2 * full, Backoff::kMax);
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next(kAway, std::nullopt), Backoff::kFirst);
}

TEST(Backoff, SendersDoNotReturnAtOnce) {
  Backoff one(1), other(2);
  EXPECT_NE(one.Next(kAway, std::nullopt), other.Next(kAway, std::nullopt));
}

TEST(Backoff, WhatOnlyAPersonCanFixIsTriedSlowly) {
  Backoff backoff(1);
  EXPECT_GE(backoff.Next(absl::UnauthenticatedError("no"), std::nullopt), Backoff::kSlow / 2);
}

TEST(Backoff, TheReceiversWishCountsWithinABound) {
  Backoff backoff(1);
  EXPECT_EQ(backoff.Next(kAway, std::chrono::seconds(7)), std::chrono::seconds(7));
  EXPECT_EQ(backoff.Next(kAway, std::chrono::hours(24)), Backoff::kMaxWish);
  EXPECT_GE(backoff.Next(kAway, std::chrono::seconds(-5)), Backoff::kFirst / 2);
}

}  // namespace
}  // namespace capmon
