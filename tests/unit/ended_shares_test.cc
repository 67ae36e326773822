// SPDX-License-Identifier: Apache-2.0
#include "daemon/ended_shares.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

Container Ended(const std::string& key, const std::string& place, const std::string& workload,
                TimeNs when) {
  Container container;
  container.key = key;
  container.pod_namespace = place;
  container.workload = workload;
  container.removed = when;
  return container;
}

TEST(EndedSharesTest, TheOldestOfTheLargestShareGoesFirst) {
  EndedShares ended;
  ended.Add(Ended("old", "shop", "deploy/web", 1));
  ended.Add(Ended("b1", "batch", "job/a", 2));
  ended.Add(Ended("b2", "batch", "job/a", 3));
  EXPECT_EQ(ended.Next(), "b1");
  ended.Remove("b1");
  ended.Remove("b2");
  EXPECT_EQ(ended.Next(), "old");
}

TEST(EndedSharesTest, WithinAPlaceEachWorkloadHasItsShare) {
  EndedShares ended;
  ended.Add(Ended("web", "shop", "deploy/web", 1));
  ended.Add(Ended("j1", "shop", "job/a", 2));
  ended.Add(Ended("j2", "shop", "job/a", 3));
  EXPECT_EQ(ended.Next(), "j1");
}

TEST(EndedSharesTest, ABurstPushesOutItself) {
  EndedShares ended;
  for (int i = 0; i < 10; ++i)
    ended.Add(Ended("mine" + std::to_string(i), "shop", "deploy/web", i));
  for (int i = 0; i < 5000; ++i) {
    ended.Add(Ended("burst" + std::to_string(i), "", "", 100 + i));
    if (ended.size() > 100) ended.Remove(*ended.Next());
  }
  EXPECT_EQ(ended.size(), 100u);
  for (int i = 0; i < 10; ++i) {
    const size_t before = ended.size();
    ended.Remove("mine" + std::to_string(i));
    EXPECT_EQ(ended.size(), before - 1) << "mine" << i << " was pushed out";
  }
}

TEST(EndedSharesTest, WhatIsLearnedLaterMovesItToItsShare) {
  EndedShares ended;
  ended.Add(Ended("a", "", "", 1));
  ended.Add(Ended("b", "", "", 2));
  ended.Add(Ended("c", "shop", "", 3));
  ended.Add(Ended("a", "shop", "", 1));  // described after its end
  EXPECT_EQ(ended.size(), 3u);
  EXPECT_EQ(ended.Next(), "a");
}

TEST(EndedSharesTest, NothingEndedNothingToForget) { EXPECT_FALSE(EndedShares().Next()); }

}  // namespace
}  // namespace capmon
