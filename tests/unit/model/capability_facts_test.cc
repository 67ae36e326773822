// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/capability_facts.h"

#include <gmock/gmock.h>
#include <linux/capability.h>

#include <set>

#include "daemon/model/capabilities_text.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(CapabilityFacts, EveryCapabilityOfTheKernelHasOneRow) {
  const auto risks = ParseCapabilityFacts(kCapabilitiesText);
  ASSERT_TRUE(risks.ok()) << risks.status();
  std::set<Capability> named;
  for (const CapabilityFacts& risk : *risks) {
    EXPECT_TRUE(named.insert(risk.capability).second) << CapabilityName(risk.capability);
    EXPECT_THAT(risk.reason, EndsWith("."));
  }
  for (int c = 0; c < KernelCapabilityCount(); ++c)
    EXPECT_TRUE(named.contains(c)) << CapabilityName(c);
}

TEST(CapabilityFacts, AddsUpAndOrders) {
  EXPECT_EQ(WeightOf(CapabilitySet()), 0);
  EXPECT_EQ(WeightOf(CapabilitySet({CAP_SYS_ADMIN, CAP_KILL})),
            FactsOf(CAP_SYS_ADMIN).weight + FactsOf(CAP_KILL).weight);
  EXPECT_THAT(ByWeight({CAP_KILL, CAP_NET_RAW, CAP_SYS_ADMIN, CAP_LEASE}),
              ElementsAre(CAP_SYS_ADMIN, CAP_NET_RAW, CAP_KILL, CAP_LEASE));
}

TEST(CapabilityFacts, AnUnknownCapabilityIsNoSmallMatter) {
  EXPECT_GT(FactsOf(Capability{63}).weight, FactsOf(CAP_CHOWN).weight);
  EXPECT_THAT(FactsOf(Capability{63}).reason, HasSubstr("Newer"));
}

TEST(CapabilityFacts, RefusesWhatIsNoTable) {
  for (const char* const line : {"NET_RAW\t20", "NET_RAW\tmuch\tyes\tbad.", "NET_RAW\t0\tyes\tbad.",
                                 "NET_RAW\t101\tyes\tbad.", "TO_FLY\t1\tyes\tbad.",
                                 "NET_RAW\t1\tyes\t", "NET_RAW\t1\tno\tbad."}) {
    const auto risks = ParseCapabilityFacts(line);
    EXPECT_FALSE(risks.ok()) << line;
    EXPECT_THAT(std::string(risks.status().message()), HasSubstr(line));
  }
}

// SYS_ADMIN was "high" here while the report ranked it with SYS_MODULE: one table, so both are
// critical.
TEST(SeverityOf, FollowsWhatCanBeDoneWithIt) {
  EXPECT_EQ(SeverityOf(CAP_SYS_MODULE), Severity::kCritical);
  EXPECT_EQ(SeverityOf(CAP_SYS_ADMIN), Severity::kCritical);
  EXPECT_EQ(SeverityOf(CAP_SETUID), Severity::kMedium);
  EXPECT_EQ(SeverityOf(CAP_CHOWN), Severity::kLow);
  EXPECT_EQ(SeverityOf(CAP_NET_BIND_SERVICE), Severity::kInfo);
}

TEST(SeverityOf, NeverFallsWhereTheWeightRises) {
  const auto rises = [](const CapabilityFacts& less, const CapabilityFacts& more) {
    return less.weight > more.weight || less.commonplace != more.commonplace ||
           SeverityOf(less.capability) <= SeverityOf(more.capability);
  };
  for (int a = 0; a < kMaxCapabilities; ++a)
    for (int b = 0; b < kMaxCapabilities; ++b)
      EXPECT_TRUE(rises(FactsOf(a), FactsOf(b))) << CapabilityName(a) << ", " << CapabilityName(b);
}

// Root in a container uses it all the time: the first time is not yet an alarm.
TEST(SeverityOf, WhatIsCommonplaceIsAtMostMedium) {
  EXPECT_TRUE(FactsOf(CAP_DAC_OVERRIDE).commonplace);
  EXPECT_GT(FactsOf(CAP_DAC_OVERRIDE).weight, FactsOf(CAP_PERFMON).weight);
  EXPECT_EQ(SeverityOf(CAP_PERFMON), Severity::kHigh);
  EXPECT_EQ(SeverityOf(CAP_DAC_OVERRIDE), Severity::kMedium);
}

}  // namespace
}  // namespace capmon
