// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/alert_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

constexpr TimeNs kBaseline = 1000;

Check RawSocket() { return Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded(); }

std::optional<Alert> AlertOf(const Check& check, const std::vector<Check>& before = {},
                             TimeNs baseline = kBaseline) {
  Profile profile = Watched(before);
  profile.baseline = baseline;
  return AlertFor(profile, Judged(check, profile), 2000);
}

TEST(NewCapability, WhenFirstUsedAfterTheBaseline) {
  const std::optional<Alert> alert = AlertOf(RawSocket().Times(3).At(1500));
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->kind, AlertKind::kNewCapability);
  EXPECT_EQ(alert->capability, CAP_NET_RAW);
  EXPECT_EQ(alert->severity, Severity::kMedium);
  EXPECT_TRUE(alert->granted);
  EXPECT_EQ(alert->count, 3u);
  EXPECT_EQ(alert->first, 2000);
  EXPECT_EQ(alert->binary, "program");
  EXPECT_EQ(alert->syscall, "socket");
  EXPECT_THAT(alert->message, HasSubstr("web newly uses CAP_NET_RAW: socket(2)"));
}

TEST(NewCapability, NotWithoutABaseline) { EXPECT_FALSE(AlertOf(RawSocket(), {}, 0)); }

TEST(NewCapability, NotWhenItWasUsedBefore) {
  EXPECT_FALSE(AlertOf(RawSocket().By("other", 2).At(1500), {RawSocket().At(500)}));
  EXPECT_TRUE(AlertOf(RawSocket().By("other", 2).At(1500), {RawSocket().At(1500)}));
}

TEST(NewCapability, NoiseBeforeTheBaselineWasNoUse) {
  EXPECT_TRUE(AlertOf(Granted(CAP_SYS_ADMIN, "path_mount", "mount").Succeeded().At(1500),
                      {Overcommit(true).At(500)}));
}

TEST(NewCapability, NotForWhatIsNoNeed) {
  EXPECT_FALSE(AlertOf(Overcommit(true).At(1500)));
  EXPECT_FALSE(AlertOf(RawSocket().From(ExeOrigin::kHost).At(1500)));
  EXPECT_FALSE(AlertOf(RawSocket().With(kCredOther).At(1500)));
}

TEST(DeniedCapability, WhenTheWorkloadWasRefused) {
  const std::optional<Alert> alert =
      AlertOf(Refused(CAP_SYS_MODULE, "may_init_module", "init_module").Failed(EPERM), {}, 0);
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->kind, AlertKind::kDeniedCapability);
  EXPECT_EQ(alert->severity, Severity::kCritical);
  EXPECT_FALSE(alert->granted);
}

TEST(DeniedCapability, NotForNoiseProbesAndTheRuntime) {
  EXPECT_FALSE(AlertOf(Overcommit(false)));
  EXPECT_FALSE(AlertOf(Refused(CAP_DAC_OVERRIDE, "generic_permission", "access").Failed(EACCES)));
  EXPECT_FALSE(AlertOf(Refused(CAP_SETUID, "__sys_setuid", "setuid").Succeeded()));
  EXPECT_FALSE(
      AlertOf(Refused(CAP_NET_RAW, "inet_create", "socket").From(ExeOrigin::kHost).Failed(EPERM)));
}

TEST(Alert, OneSubjectHasOneId) {
  const std::string id = AlertOf(RawSocket().At(1500))->id;
  EXPECT_EQ(AlertOf(RawSocket().By("other", 2).At(1600))->id, id);
  EXPECT_NE(AlertOf(Refused(CAP_NET_RAW, "inet_create", "socket").Failed(EPERM))->id, id);
  EXPECT_NE(AlertOf(Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded().At(1500))->id, id);
}

TEST(SeverityOf, FollowsWhatCanBeDoneWithIt) {
  EXPECT_EQ(SeverityOf(CAP_SYS_MODULE), Severity::kCritical);
  EXPECT_EQ(SeverityOf(CAP_SYS_ADMIN), Severity::kHigh);
  EXPECT_EQ(SeverityOf(CAP_SETUID), Severity::kMedium);
  EXPECT_EQ(SeverityOf(CAP_CHOWN), Severity::kLow);
  EXPECT_EQ(SeverityOf(CAP_NET_BIND_SERVICE), Severity::kInfo);
}

}  // namespace
}  // namespace capmon
