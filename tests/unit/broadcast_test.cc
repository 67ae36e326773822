// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/broadcast.h"

#include <gtest/gtest.h>

#include <thread>

namespace capmon {
namespace {

using std::chrono::milliseconds;

TEST(Broadcast, EveryReaderGetsEveryValue) {
  Broadcast<int> broadcast(4);
  const auto a = broadcast.Subscribe();
  const auto b = broadcast.Subscribe();
  broadcast.Publish(1);
  for (const auto& reader : {a, b}) {
    const auto item = reader->Next(milliseconds(0));
    ASSERT_TRUE(item);
    EXPECT_EQ(item->value, 1);
    EXPECT_EQ(item->dropped, 0u);
  }
}

TEST(Broadcast, ASlowReaderLosesTheOldestAndGetsTheirNumber) {
  Broadcast<int> broadcast(2);
  const auto reader = broadcast.Subscribe();
  for (int i = 1; i <= 5; ++i) broadcast.Publish(i);
  const auto first = reader->Next(milliseconds(0));
  EXPECT_EQ(first->value, 4);
  EXPECT_EQ(first->dropped, 3u);
  const auto second = reader->Next(milliseconds(0));
  EXPECT_EQ(second->value, 5);
  EXPECT_EQ(second->dropped, 0u);
}

TEST(Broadcast, ClosingWakesAWaitingReader) {
  Broadcast<int> broadcast(2);
  const auto reader = broadcast.Subscribe();
  std::thread closer([&] { broadcast.Close(); });
  EXPECT_FALSE(reader->Next(std::chrono::minutes(5)));
  closer.join();
  EXPECT_TRUE(reader->closed());
  EXPECT_TRUE(broadcast.Subscribe()->closed()) << "late readers learn at once";
}

TEST(Broadcast, ForgetsReadersThatLeft) {
  Broadcast<int> broadcast(2);
  auto reader = broadcast.Subscribe();
  EXPECT_TRUE(broadcast.has_readers());
  reader.reset();
  EXPECT_FALSE(broadcast.has_readers());
}

}  // namespace
}  // namespace capmon
