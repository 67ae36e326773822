// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EventBatchTest, EveryEventIsAppliedOnceAndInOrder) {
  std::vector<size_t> sizes;
  TimeNs applied = 0;
  {
    EventBatch batch([&](const std::vector<KernelEvent>& events) {
      sizes.push_back(events.size());
      for (const KernelEvent& event : events) EXPECT_EQ(TimeOf(event), ++applied);
    });
    for (size_t i = 1; i <= EventBatch::kMaxEvents + 2; ++i)
      batch.Add(Tick{static_cast<TimeNs>(i)});
  }
  EXPECT_THAT(sizes, ElementsAre(EventBatch::kMaxEvents, 2));
}

TEST(EventBatchTest, NothingIsAppliedWhenThereIsNothing) {
  std::vector<size_t> sizes;
  {
    EventBatch batch([&](const std::vector<KernelEvent>& e) { sizes.push_back(e.size()); });
  }
  EXPECT_THAT(sizes, IsEmpty());
}

}  // namespace
}  // namespace capmon
