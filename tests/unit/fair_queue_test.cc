// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/fair_queue.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(FairQueueTest, OwnersTakeTurns) {
  FairQueue<int> queue(100, 100);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(queue.Push("flood", i));
  EXPECT_FALSE(queue.Push("quiet", 1000));
  EXPECT_FALSE(queue.Push("quiet", 1001));
  EXPECT_EQ(queue.Pop(), 0);
  EXPECT_EQ(queue.Pop(), 1000);
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), 1001);
  for (int i = 2; i < 50; ++i) EXPECT_EQ(queue.Pop(), i);
  EXPECT_FALSE(queue.Pop());
  EXPECT_TRUE(queue.empty());
}

TEST(FairQueueTest, AnOwnerWithTooManyDisplacesNoOther) {
  FairQueue<int> queue(2, 100);
  EXPECT_FALSE(queue.Push("flood", 1));
  EXPECT_FALSE(queue.Push("flood", 2));
  EXPECT_EQ(queue.Push("flood", 3), 3);
  EXPECT_FALSE(queue.Push("quiet", 4));
  EXPECT_EQ(queue.size(), 3);
}

TEST(FairQueueTest, WhereAllHaveTooManyTheLargestGivesWay) {
  FairQueue<int> queue(10, 4);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(queue.Push("flood", i));
  EXPECT_EQ(queue.Push("flood", 4), 4);
  EXPECT_EQ(queue.Push("quiet", 10), 3) << "the newest of the largest";
  EXPECT_EQ(queue.Push("quiet", 11), 2);
  EXPECT_EQ(queue.Push("quiet", 12), 12) << "as many as the other";
  EXPECT_EQ(queue.Push("third", 20), 1) << "or the other of two";
  EXPECT_EQ(queue.size(), 4);
}

TEST(FairQueueTest, WhereEachHasOneTheNewcomerFindsNoRoom) {
  FairQueue<int> queue(10, 2);
  queue.Push("a", 1);
  queue.Push("b", 2);
  EXPECT_EQ(queue.Push("c", 3), 3);
}

TEST(FairQueueTest, AnEmptiedOwnerComesBack) {
  FairQueue<int> queue(10, 10);
  queue.Push("a", 1);
  EXPECT_EQ(queue.Pop(), 1);
  queue.Push("a", 2);
  EXPECT_EQ(queue.Pop(), 2);
  EXPECT_FALSE(queue.Pop());
}

}  // namespace
}  // namespace capmon
