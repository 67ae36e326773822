// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include "daemon/alert/rules.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Alert Denied(Capability capability, TimeNs seconds, uint64_t count = 1,
             const std::string& container = "web") {
  Alert alert;
  alert.kind = AlertKind::kDeniedCapability;
  alert.capability = capability;
  alert.rule = kRuleDenied;
  alert.container.kind = ContainerKind::kContainer;
  alert.container.key = alert.container.name = container;
  alert.first = alert.last = seconds * kSecond;
  alert.count = count;
  return alert;
}

Alert Escape(const char* rule, TimeNs seconds, const std::string& container = "web") {
  Alert alert = Denied(CAP_SYS_ADMIN, seconds, 1, container);
  alert.rule = rule;
  alert.granted = true;
  return alert;
}

std::vector<std::string> Rules(const std::vector<Alert>& alerts) {
  std::vector<std::string> rules;
  for (const Alert& alert : alerts) rules.push_back(alert.rule);
  return rules;
}

TEST(Burst, IsManyDenialsInAFewSeconds) {
  AlertSequences sequences;
  EXPECT_THAT(sequences.On(Denied(CAP_CHOWN, 1, 60)), IsEmpty());
  const std::vector<Alert> burst = sequences.On(Denied(CAP_CHOWN, 5, 60));
  ASSERT_THAT(Rules(burst), ElementsAre(kRuleDeniedBurst));
  EXPECT_EQ(burst[0].count, 120u) << "all of the burst";
  EXPECT_EQ(sequences.On(Denied(CAP_CHOWN, 6, 30)).at(0).count, 30u) << "and what follows";
  EXPECT_THAT(sequences.On(Denied(CAP_CHOWN, 20, 60)), IsEmpty()) << "it was over";
}

TEST(Burst, IsPerContainer) {
  AlertSequences sequences;
  EXPECT_THAT(sequences.On(Denied(CAP_CHOWN, 1, 60, "a")), IsEmpty());
  EXPECT_THAT(sequences.On(Denied(CAP_CHOWN, 1, 60, "b")), IsEmpty());
}

TEST(Scan, IsSeveralCapabilitiesHoweverSlowly) {
  AlertSequences sequences;
  for (Capability capability = 0; capability < 4; ++capability)
    EXPECT_THAT(sequences.On(Denied(capability, 1 + 600 * capability)), IsEmpty());
  EXPECT_THAT(sequences.On(Denied(0, 2500)), IsEmpty()) << "denied before";
  const std::vector<Alert> scan = sequences.On(Denied(CAP_SYS_ADMIN, 3000));
  ASSERT_THAT(Rules(scan), ElementsAre(kRuleDeniedScan));
  EXPECT_THAT(scan[0].message, HasSubstr("5 different capabilities"));
  EXPECT_THAT(scan[0].message, HasSubstr("SYS_ADMIN"));
}

TEST(Scan, IsNoneOverDays) {
  AlertSequences sequences;
  for (Capability capability = 0; capability < 20; ++capability)
    EXPECT_THAT(sequences.On(Denied(capability, 1 + 3000 * capability)), IsEmpty());
}

TEST(Escapes, AreCriticalWhereThereAreTwo) {
  AlertSequences sequences;
  EXPECT_THAT(sequences.On(Escape(kRuleMount, 1)), IsEmpty());
  EXPECT_THAT(sequences.On(Escape(kRuleMount, 2)), IsEmpty()) << "the same once more";
  EXPECT_THAT(sequences.On(Escape(kRuleHandle, 2, "other")), IsEmpty());
  const std::vector<Alert> several = sequences.On(Escape(kRuleHandle, 500));
  ASSERT_THAT(Rules(several), ElementsAre(kRuleSequence));
  EXPECT_EQ(several[0].severity, Severity::kCritical);
  EXPECT_THAT(several[0].message, HasSubstr("CM011"));
  EXPECT_THAT(several[0].message, HasSubstr("CM014"));
  EXPECT_THAT(sequences.On(Escape(kRuleBpf, 5000)), IsEmpty()) << "long after";
}

TEST(Sequences, AreBounded) {
  AlertSequences sequences;
  sequences.On(Escape(kRuleMount, 1, "first"));
  for (size_t i = 0; i < AlertSequences::kMaxContainers; ++i)
    sequences.On(Escape(kRuleMount, 1, std::to_string(i)));
  EXPECT_THAT(sequences.On(Escape(kRuleHandle, 1, "first")), IsEmpty()) << "forgotten";
}

}  // namespace
}  // namespace capmon
