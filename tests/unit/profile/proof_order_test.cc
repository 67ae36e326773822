// SPDX-License-Identifier: Apache-2.0
// Which proof takes the place of which: what was found needed is not lost to a check that demands
// less.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/profile/proof_builder.h"

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Proof By(Proof proof, const std::string& check) {
  proof.check = check;
  return proof;
}
Proof Undecided() {
  Proof proof = Unneeded();
  proof.finding = ProofFinding::kUndecided;
  return proof;
}

TEST(ProofOrder, WhatDecidesNothingTakesThePlaceOfNoDecision) {
  EXPECT_EQ(Succeed(Needed(), Undecided()), std::nullopt);
  EXPECT_EQ(Succeed(Unneeded(), Undecided()), std::nullopt);
  EXPECT_EQ(Succeed(Undecided(), Undecided()), Undecided());
  EXPECT_EQ(Succeed(Undecided(), Unneeded()), Unneeded());
  Proof other = Undecided();
  other.digest = "sha256:b";
  EXPECT_EQ(Succeed(Needed(), other), other) << "of another image";
}

TEST(ProofOrder, ANeedEndsOnlyByACheckThatDemandsAsMuch) {
  EXPECT_EQ(Succeed(By(Needed(), "curl x"), By(Unneeded(), "curl x")), By(Unneeded(), "curl x"));
  EXPECT_EQ(Succeed(By(Needed(), ""), By(Unneeded(), "curl x")), By(Unneeded(), "curl x"));
  EXPECT_EQ(Succeed(By(Needed(), "curl x"), By(Unneeded(), "")), std::nullopt);
  EXPECT_EQ(Succeed(By(Needed(), "curl x"), By(Unneeded(), "true")), std::nullopt);
}

TEST(ProofOrder, ANeedUnderOtherConditionsStays) {
  Proof other = By(Unneeded(), "curl x");
  other.conditions["user"] = "1000";
  EXPECT_EQ(Succeed(By(Needed(), "curl x"), other), std::nullopt);
  Proof old = By(Needed(), "curl x");
  old.conditions.clear();
  EXPECT_EQ(Succeed(old, By(Unneeded(), "curl x")), std::nullopt);
  // Nor does it end by way of another need.
  Proof under = By(Needed(), "wget x");
  under.conditions["user"] = "1000";
  const auto both = Succeed(By(Needed(), "curl x"), under);
  ASSERT_TRUE(both.has_value());
  for (const char* check : {"curl x", "wget x"})
    EXPECT_EQ(Succeed(*both, By(other, check)), std::nullopt) << check;
}

TEST(ProofOrder, ANeedTakesThePlaceOfUnneededWhateverTheCheck) {
  EXPECT_EQ(Succeed(By(Unneeded(), "curl x"), By(Needed(), "")), By(Needed(), ""));
}

TEST(ProofOrder, EachCheckThatNeedsItHasToTakeItBack) {
  const auto both = Succeed(By(Needed(), "curl x"), By(Needed(), "wget x"));
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->check, "wget x");
  EXPECT_THAT(both->also_needed_by, ElementsAre("curl x"));
  const auto one = Succeed(*both, By(Unneeded(), "wget x"));
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->finding, ProofFinding::kNeeded);
  EXPECT_EQ(one->check, "curl x");
  EXPECT_THAT(one->also_needed_by, IsEmpty());
  EXPECT_EQ(Succeed(*one, By(Unneeded(), "wget x")), std::nullopt);
  EXPECT_EQ(Succeed(*one, By(Unneeded(), "curl x")), By(Unneeded(), "curl x"));
  EXPECT_EQ(Succeed(By(Needed(), "curl x"), By(Needed(), "curl x")), By(Needed(), "curl x"));
}

TEST(ProofOrder, OfMoreChecksThanAreRememberedNoneIsTakenBack) {
  Proof needed = By(Needed(), "0");
  for (int i = 1; i < 20; ++i) {
    const auto next = Succeed(needed, By(Needed(), std::to_string(i)));
    ASSERT_TRUE(next.has_value());
    needed = *next;
    EXPECT_LE(needed.also_needed_by.size(), Proof::kMaxChecks);
  }
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(Succeed(needed, By(Unneeded(), std::to_string(i))), std::nullopt) << i;
}

TEST(ProofOrder, UnneededByNoCheckIsLessThanByOne) {
  EXPECT_EQ(Succeed(By(Unneeded(), "curl x"), By(Unneeded(), "")), std::nullopt);
  EXPECT_EQ(Succeed(By(Unneeded(), ""), By(Unneeded(), "curl x")), By(Unneeded(), "curl x"));
  EXPECT_EQ(Succeed(By(Unneeded(), "a"), By(Unneeded(), "b")), By(Unneeded(), "b"));
}

TEST(ProofOrder, TheLaterOneWasRecordedLater) {
  Proof first = Unneeded(), second = Unneeded();
  EXPECT_TRUE(IsLater(first, second) && IsLater(second, first)) << "one time, order not known";
  first.sequence = 1;
  second.sequence = 2;
  second.at -= kDay;
  EXPECT_TRUE(IsLater(second, first));
  EXPECT_FALSE(IsLater(first, second));
}

}  // namespace
}  // namespace capmon
