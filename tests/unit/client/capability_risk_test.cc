// SPDX-License-Identifier: Apache-2.0
#include "client/risk/capability_risk.h"

#include <gmock/gmock.h>
#include <linux/capability.h>

#include <set>

#include "client/risk/capability_risk_text.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(CapabilityRisk, EveryCapabilityOfTheKernelHasOneRow) {
  const auto risks = ParseCapabilityRisks(kCapabilityRiskText);
  ASSERT_TRUE(risks.ok()) << risks.status();
  std::set<Capability> named;
  for (const CapabilityRisk& risk : *risks) {
    EXPECT_TRUE(named.insert(risk.capability).second) << CapabilityName(risk.capability);
    EXPECT_THAT(risk.reason, EndsWith("."));
  }
  for (int c = 0; c < KernelCapabilityCount(); ++c)
    EXPECT_TRUE(named.contains(c)) << CapabilityName(c);
}

TEST(CapabilityRisk, AddsUpAndOrders) {
  EXPECT_EQ(RiskOf(CapabilitySet()), 0);
  EXPECT_EQ(RiskOf(CapabilitySet({CAP_SYS_ADMIN, CAP_KILL})),
            RiskOf(CAP_SYS_ADMIN).weight + RiskOf(CAP_KILL).weight);
  EXPECT_THAT(ByRisk({CAP_KILL, CAP_NET_RAW, CAP_SYS_ADMIN, CAP_LEASE}),
              ElementsAre(CAP_SYS_ADMIN, CAP_NET_RAW, CAP_KILL, CAP_LEASE));
}

TEST(CapabilityRisk, AnUnknownCapabilityIsNoSmallMatter) {
  EXPECT_GT(RiskOf(Capability{63}).weight, RiskOf(CAP_CHOWN).weight);
  EXPECT_THAT(RiskOf(Capability{63}).reason, HasSubstr("Newer"));
}

TEST(CapabilityRisk, RefusesWhatIsNoTable) {
  for (const char* const line : {"NET_RAW\t20", "NET_RAW\tmuch\tbad.", "NET_RAW\t0\tbad.",
                                 "NET_RAW\t101\tbad.", "TO_FLY\t1\tbad.", "NET_RAW\t1\t"}) {
    const auto risks = ParseCapabilityRisks(line);
    EXPECT_FALSE(risks.ok()) << line;
    EXPECT_THAT(std::string(risks.status().message()), HasSubstr(line));
  }
}

}  // namespace
}  // namespace capmon
