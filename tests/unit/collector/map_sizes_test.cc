// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/map_sizes.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

constexpr uint64_t kGiB = 1 << 30;

TEST(MapSizesTest, AnOrdinaryNodeHoldsAThousandContainers) {
  EXPECT_GE(SizesFor(8 * kGiB, 4).checks, 1000u * 61);
  EXPECT_GE(SizesFor(32 * kGiB, 16).checks, 1000u * 61);
}

TEST(MapSizesTest, MoreMemoryHoldsMore) {
  EXPECT_GT(SizesFor(256 * kGiB, 64).checks, SizesFor(16 * kGiB, 64).checks);
}

TEST(MapSizesTest, NeverTakesMoreThanAFewHundredthsOfTheMemory) {
  for (const uint64_t gib : {1, 2, 4, 16, 64, 512})
    for (const uint32_t cpus : {1u, 4u, 64u, 256u}) {
      const uint64_t bytes = SizesFor(gib * kGiB, cpus).checks * BytesPerCheck(cpus);
      const uint64_t least = 16384 * BytesPerCheck(cpus);
      EXPECT_LE(bytes, std::max(gib * kGiB / 64, least)) << gib << " GiB, " << cpus << " CPUs";
    }
}

}  // namespace
}  // namespace capmon
