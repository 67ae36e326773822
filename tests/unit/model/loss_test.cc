// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/loss.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(LossTest, EveryKindIsCountedByItself) {
  const std::map<std::string, uint64_t> losses = {
      {"map-full", 1}, {"ring-exec", 2}, {"ring-capset", 4}, {"key-quota", 8}, {"outcome", 16}};
  EXPECT_EQ(LossesOfKind(losses, LossKind::kEvidence), 7u);
  EXPECT_EQ(LossesOfKind(losses, LossKind::kDetail), 8u);
  EXPECT_EQ(LossesOfKind(losses, LossKind::kOutcome), 16u);
}

TEST(LossTest, DetailsAndOutcomesAreNoLostEvidence) {
  EXPECT_FALSE(LostEvidence({{"key-quota", 3}, {"ring-check", 1}, {"outcome", 2}}));
  EXPECT_TRUE(LostEvidence({{"ring-capset", 1}}));
}

TEST(LossTest, AnUnknownCauseCountsAsLostEvidence) {
  EXPECT_EQ(KindOfLoss("of-a-later-version"), LossKind::kEvidence);
}

}  // namespace
}  // namespace capmon
