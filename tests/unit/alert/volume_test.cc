// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/volume.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

using ::testing::HasSubstr;

Alert Of(const std::string& container, const std::string& rule = "CM004",
         const std::string& binary = "/bin/a") {
  Alert alert;
  alert.rule = rule;
  alert.container.key = alert.container.name = container;
  alert.binary = binary;
  alert.count = 1;
  return alert;
}

constexpr TimeNs kNow = 1000 * kSecond;

TEST(Volume, OneFindingInManyInstancesIsAFewAlerts) {
  AlertVolume volume;
  int admitted = 0;
  for (int i = 0; i < 100; ++i) {
    Alert alert = Of("web-" + std::to_string(i));
    alert.workload = "shop/deploy/web/nginx";
    admitted += volume.Admit(alert, kNow);
  }
  EXPECT_EQ(admitted, 3);
  EXPECT_EQ(volume.held_back(), 97u);
  Alert later = Of("web-200");
  later.workload = "shop/deploy/web/nginx";
  EXPECT_TRUE(volume.Admit(later, kNow + 61 * kSecond));
}

TEST(Volume, AContainerThatFloodsSilencesNoOther) {
  AlertVolume volume;
  int flood = 0;
  for (int i = 0; i < 100'000; ++i)
    flood += volume.Admit(Of("bad", "CM004", std::to_string(i)), kNow + i * kSecond / 1000);
  EXPECT_LE(flood, 200);
  EXPECT_TRUE(volume.Admit(Of("good"), kNow + 100 * kSecond));
}

TEST(Volume, ManyThatFloodSilenceNoQuietOne) {
  AlertVolume volume;
  int flood = 0;
  for (int container = 0; container < 100; ++container)
    for (int i = 0; i < 100; ++i)
      flood +=
          volume.Admit(Of("bad-" + std::to_string(container), "CM004", std::to_string(i)), kNow);
  EXPECT_LE(flood, 1300);
  Alert good = Of("good", "CM001");
  EXPECT_TRUE(volume.Admit(good, kNow + kSecond * 60)) << "the limits filled a little";
}

TEST(Volume, OtherLimitsForgetNothingThatWasHeldBack) {
  AlertVolume volume({.finding = {1, 1}});
  for (int i = 0; i < 5; ++i) volume.Admit(Of("web"), kNow);
  ASSERT_EQ(volume.held_back(), 4u);
  volume.SetLimits({.finding = {2, 1}});
  EXPECT_EQ(volume.held_back(), 4u);
  int admitted = 0;
  for (int i = 0; i < 5; ++i) admitted += volume.Admit(Of("web"), kNow);
  EXPECT_EQ(admitted, 2);
  const auto summary = volume.Summary(kNow + 61 * kSecond);
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->count, 7u);
}

TEST(Volume, TheSummaryCountsWhatWasHeldBack) {
  AlertVolume volume({.finding = {1, 1}});
  EXPECT_FALSE(volume.Summary(kNow));
  for (int i = 0; i < 8; ++i) volume.Admit(Of("web"), kNow);
  const std::optional<Alert> summary = volume.Summary(kNow + kSecond);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->kind, AlertKind::kFeed);
  EXPECT_EQ(summary->count, 7u);
  EXPECT_THAT(summary->message, HasSubstr("held back 7 alerts"));
  EXPECT_THAT(summary->message, HasSubstr("7 of CM004 about web"));
  EXPECT_TRUE(volume.Admit(*summary, kNow));
  volume.Admit(Of("web"), kNow + 2 * kSecond);
  EXPECT_FALSE(volume.Summary(kNow + 3 * kSecond)) << "once a minute";
  EXPECT_EQ(volume.Summary(kNow + 70 * kSecond)->count, 1u);
}

TEST(Volume, AnUpdateThatWaitsIsNotHeldBack) {
  AlertVolume volume({.container = {1, 1}});
  EXPECT_TRUE(volume.Admit(Of("web"), kNow));
  Alert update = Of("web");
  update.update = true;
  EXPECT_FALSE(volume.Admit(update, kNow));
  EXPECT_EQ(volume.held_back(), 0u);
  EXPECT_TRUE(volume.Admit(update, kNow + 61 * kSecond));
}

TEST(Volume, IsBounded) {
  AlertVolume volume;
  for (size_t i = 0; i < 3 * AlertVolume::kMaxContainers; ++i)
    volume.Admit(Of(std::to_string(i)), kNow);
  EXPECT_THAT(volume.Summary(kNow)->message, HasSubstr("and others"));
}

TEST(Volume, AClockThatWasSetBackFillsNothing) {
  AlertVolume volume({.finding = {1, 1}});
  EXPECT_TRUE(volume.Admit(Of("web"), kNow));
  EXPECT_FALSE(volume.Admit(Of("web"), kNow - 500 * kSecond));
  EXPECT_TRUE(volume.Admit(Of("web"), kNow - 400 * kSecond));
}

}  // namespace
}  // namespace capmon
