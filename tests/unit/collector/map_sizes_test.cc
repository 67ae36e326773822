// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/map_sizes.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

constexpr uint64_t kGiB = 1 << 30;
constexpr uint64_t kNoLimit = UINT64_MAX;

TEST(MapSizesTest, AnOrdinaryNodeHoldsAThousandContainers) {
  EXPECT_GE(SizesFor(8 * kGiB, kNoLimit, 4).checks, 1000u * 61);
  EXPECT_GE(SizesFor(32 * kGiB, kNoLimit, 16).checks, 1000u * 61);
}

TEST(MapSizesTest, MoreMemoryHoldsMore) {
  EXPECT_GT(SizesFor(256 * kGiB, kNoLimit, 64).checks, SizesFor(16 * kGiB, kNoLimit, 64).checks);
}

TEST(MapSizesTest, NeverTakesMoreThanAFewHundredthsOfTheMemory) {
  for (const uint64_t gib : {1, 2, 4, 16, 64, 512})
    for (const uint32_t cpus : {1u, 4u, 64u, 256u}) {
      const uint64_t bytes = SizesFor(gib * kGiB, kNoLimit, cpus).checks * BytesPerCheck(cpus);
      const uint64_t least = 16384 * BytesPerCheck(cpus);
      EXPECT_LE(bytes, std::max(gib * kGiB / 64, least)) << gib << " GiB, " << cpus << " CPUs";
    }
}

// 128 GiB and 64 processors would have counters of 1.3 GiB.
TEST(MapSizesTest, HalfOfAPodsLimitIsLeftForTheRest) {
  constexpr uint64_t kLimit = kGiB / 2;
  for (const uint32_t cpus : {2u, 16u, 64u, 128u})
    EXPECT_LE(SizesFor(128 * kGiB, kLimit, cpus).checks * BytesPerCheck(cpus), kLimit / 2) << cpus;
  EXPECT_GE(SizesFor(128 * kGiB, kLimit, 64).checks, 1000u * 61);
  EXPECT_EQ(SizesFor(8 * kGiB, kLimit, 4).checks, SizesFor(8 * kGiB, kNoLimit, 4).checks);
}

}  // namespace
}  // namespace capmon
