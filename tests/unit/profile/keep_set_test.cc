// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/keep_set.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

namespace capmon {
namespace {

using Set = CapabilitySet;

const Set kAll((uint64_t{1} << 41) - 1);
const Set kRead = {CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE};

TEST(Choose, NothingForNothing) { EXPECT_TRUE(Choose({}, {}, kAll).empty()); }

TEST(Choose, AMemberKeptAnywayServesItsGroup) {
  EXPECT_EQ(Choose({CAP_DAC_READ_SEARCH}, {kRead}, kAll), Set({CAP_DAC_READ_SEARCH}));
  EXPECT_EQ(Choose({CAP_SYS_ADMIN}, {{CAP_BPF, CAP_SYS_ADMIN}}, kAll), Set({CAP_SYS_ADMIN}));
}

TEST(Choose, PrefersTheCommonplaceMemberItHolds) {
  EXPECT_EQ(Choose({}, {kRead}, kAll), Set({CAP_DAC_OVERRIDE}));
  EXPECT_EQ(Choose({}, {{CAP_NET_RAW, CAP_NET_ADMIN}}, kAll), Set({CAP_NET_RAW}));
}

TEST(Choose, PrefersWhatIsHeldToWhatIsCommonplace) {
  EXPECT_EQ(Choose({}, {kRead}, {CAP_DAC_READ_SEARCH}), Set({CAP_DAC_READ_SEARCH}));
}

TEST(Choose, NeverSysAdminWhenAnotherWillDo) {
  EXPECT_EQ(Choose({}, {{CAP_SYS_NICE, CAP_SYS_ADMIN}}, {CAP_SYS_ADMIN}), Set({CAP_SYS_NICE}));
  EXPECT_EQ(Choose({}, {{CAP_SYS_ADMIN}}, kAll), Set({CAP_SYS_ADMIN}));
}

TEST(Choose, OneMemberForSeveralGroups) {
  EXPECT_EQ(Choose({}, {kRead, {CAP_FOWNER, CAP_DAC_OVERRIDE}}, kAll), Set({CAP_DAC_OVERRIDE}));
  EXPECT_EQ(Choose({}, {{CAP_BPF, CAP_SYS_ADMIN}, {CAP_PERFMON, CAP_SYS_ADMIN}}, kAll),
            Set({CAP_BPF, CAP_PERFMON}));
}

TEST(Choose, DoesNotDependOnTheOrderOfGroups) {
  const Set a = {CAP_FOWNER, CAP_DAC_OVERRIDE}, b = kRead, c = {CAP_NET_RAW, CAP_NET_ADMIN};
  EXPECT_EQ(Choose({}, {a, b, c}, kAll), Choose({}, {c, b, a}, kAll));
}

}  // namespace
}  // namespace capmon
