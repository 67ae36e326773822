// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/alert_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "daemon/alert/succession.h"
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
  EXPECT_FALSE(AlertOf(RawSocket().At(1500), {RawSocket().At(500)}));
  EXPECT_FALSE(AlertOf(RawSocket().By("program", 2).At(1500), {RawSocket().At(500)}));
  EXPECT_TRUE(AlertOf(RawSocket().At(1500), {RawSocket().At(1500)}));
}

// One file under several names, as busybox is.
TEST(NewCapability, AProgramOfUnknownNameMayBeAny) {
  Profile before = Watched({RawSocket().By("").At(500)});
  before.baseline = kBaseline;
  Profile fresh = Watched({});
  fresh.baseline = 1;
  fresh.earlier_uses = NormalUses(before);
  const auto alert = [&](const Check& check) {
    return AlertFor(fresh, Judged(check, fresh), 2000).has_value();
  };
  EXPECT_FALSE(alert(RawSocket().At(1500)));
  EXPECT_TRUE(alert(Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded().At(1500)));
  fresh.earlier_uses = {"CAP_NET_RAW inet_create busybox"};
  EXPECT_FALSE(alert(RawSocket().By("").At(1500)));
  EXPECT_TRUE(alert(RawSocket().By("/bin/nc").At(1500)));
}

TEST(NewCapability, WhenAnotherProgramOrAnotherWayUsesAKnownOne) {
  const Check packets = Granted(CAP_NET_RAW, "packet_create", "socket").Succeeded();
  const std::optional<Alert> another_way =
      AlertOf(Check(packets).By("other", 2).At(1500), {RawSocket().At(500)});
  ASSERT_TRUE(another_way);
  EXPECT_EQ(another_way->severity, Severity::kMedium);
  EXPECT_TRUE(AlertOf(Check(packets).At(1500), {RawSocket().At(500)}));
  const std::optional<Alert> another_program =
      AlertOf(RawSocket().By("other", 2).At(1500), {RawSocket().At(500)});
  ASSERT_TRUE(another_program);
  EXPECT_EQ(another_program->severity, Severity::kLow) << "the container does so anyway";
}

TEST(NewCapability, NotForWhatWasNormalForAnEarlierInstance) {
  Profile profile = Watched({});
  profile.baseline = kBaseline;
  profile.earlier_uses = {"CAP_NET_RAW inet_create program"};
  EXPECT_FALSE(AlertFor(profile, Judged(RawSocket().At(1500), profile), 2000));
  EXPECT_TRUE(AlertFor(profile, Judged(RawSocket().By("other", 2).At(1500), profile), 2000));
}

std::optional<Alert> AtFirst(const Check& check) {
  Profile profile = Watched({});
  profile.entry_exes = {1};
  return AlertFor(profile, Judged(check, profile), 2000);
}

TEST(NewCapability, WithoutABaselineOnlyForWaysOutOfPrograms) {
  const auto mount = [] { return Granted(CAP_SYS_ADMIN, "path_mount", "mount").Succeeded(); };
  const std::optional<Alert> alert = AtFirst(mount().By("other", 2));
  ASSERT_TRUE(alert);
  // SYS_ADMIN is critical since its severity follows its weight, and here one less.
  EXPECT_EQ(alert->severity, Severity::kHigh);
  EXPECT_THAT(alert->message, HasSubstr("no baseline yet"));
  EXPECT_FALSE(AtFirst(mount())) << "the program it was started with";
  EXPECT_TRUE(AtFirst(Granted(CAP_NET_RAW, "packet_create", "socket").By("other", 2).Succeeded()));
  EXPECT_TRUE(AtFirst(Granted(CAP_DAC_READ_SEARCH, "do_handle_open", "open_by_handle_at")
                          .By("other", 2)
                          .Succeeded()));
}

// nginx, postgres and sshd at their start.
TEST(NewCapability, WithoutABaselineNotForOrdinaryStarts) {
  EXPECT_FALSE(AtFirst(RawSocket().By("other", 2)));
  EXPECT_FALSE(
      AtFirst(Granted(CAP_CHOWN, "setattr_prepare", "fchownat").By("other", 2).Succeeded()));
  EXPECT_FALSE(
      AtFirst(Granted(CAP_SETUID, "__sys_setresuid", "setresuid").By("other", 2).Succeeded()));
  EXPECT_FALSE(AtFirst(
      Granted(CAP_DAC_READ_SEARCH, "generic_permission", "openat").By("other", 2).Succeeded()));
  EXPECT_FALSE(
      AtFirst(Granted(CAP_SYS_CHROOT, "__x64_sys_chroot", "chroot").By("other", 2).Succeeded()));
  EXPECT_FALSE(
      AtFirst(Granted(CAP_NET_BIND_SERVICE, "__inet_bind", "bind").By("other", 2).Succeeded()));
}

TEST(FromMemory, WhateverTheBaselineSays) {
  for (const TimeNs baseline : {TimeNs{0}, kBaseline}) {
    const std::optional<Alert> alert =
        AlertOf(RawSocket().From(ExeOrigin::kMemory).At(500), {RawSocket().At(500)}, baseline);
    ASSERT_TRUE(alert);
    EXPECT_EQ(alert->kind, AlertKind::kFromMemory);
    EXPECT_EQ(alert->severity, Severity::kHigh);
    EXPECT_THAT(alert->message, HasSubstr("run from memory or a detached mount"));
  }
}

TEST(FromMemory, IsOneSubjectHoweverManyProgramsThereAre) {
  EXPECT_EQ(AlertOf(RawSocket().From(ExeOrigin::kMemory))->id,
            AlertOf(RawSocket().By("other", 2).From(ExeOrigin::kMemory))->id);
}

TEST(FromMemory, NotForNoise) {
  EXPECT_FALSE(
      AlertOf(Refused(CAP_SETUID, "__sys_setuid", "setuid").From(ExeOrigin::kMemory).Succeeded()));
}

// vsftpd continues without SYS_ADMIN in clone(2), and ps without DAC_OVERRIDE: any program can have
// these names.
TEST(NewCapability, IsNoWeakerForTheNameOfAKnownProgram) {
  const auto spawn = [](const char* name, uint32_t exe) {
    return Granted(CAP_SYS_ADMIN, "copy_namespaces", "clone").By(name, exe).Succeeded().At(1500);
  };
  ASSERT_EQ(Judged(spawn("vsftpd", 2)).site_class, "PROGRAM");
  const std::optional<Alert> other = AlertOf(spawn("other", 2));
  const std::optional<Alert> known = AlertOf(spawn("vsftpd", 2));
  ASSERT_TRUE(other);
  ASSERT_TRUE(known);
  EXPECT_EQ(other->severity, Severity::kCritical);
  EXPECT_EQ(known->severity, Severity::kCritical);
  EXPECT_TRUE(AtFirst(spawn("vsftpd", 2))) << "without a baseline, too";
}

TEST(LeftCgroup, IsOneAlertOfAContainer) {
  Container container = Watched({}).container;
  const std::optional<Alert> alert = AlertForLeaving(container, 2, 2000);
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->kind, AlertKind::kLeftCgroup);
  EXPECT_EQ(alert->severity, Severity::kHigh);
  EXPECT_EQ(alert->count, 2u);
  EXPECT_EQ(alert->id, AlertForLeaving(container, 1, 3000)->id);
  EXPECT_THAT(alert->message, HasSubstr("web: a process left the container's cgroup"));
  container.kind = ContainerKind::kUnit;
  EXPECT_FALSE(AlertForLeaving(container, 1, 2000)) << "systemd moves processes of units";
}

TEST(Succession, AContainerInheritsWhatWasNormalForTheOneBefore) {
  Profile before =
      Watched({RawSocket().At(500),
               Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded().At(kBaseline + 1)});
  before.baseline = kBaseline;
  before.container.image = "web:1";
  Succession succession;
  succession.Remember(before, CallSites::BuiltIn());

  Profile after = Watched({});
  after.container.image = "web:1";
  after.observed_from = 5000;
  ASSERT_TRUE(succession.Inherit(after));
  EXPECT_EQ(after.earlier_uses, std::set<std::string>{"CAP_NET_RAW inet_create program"});
  EXPECT_EQ(after.baseline, 4999);
  EXPECT_FALSE(succession.Inherit(after)) << "it has one now";
}

TEST(Succession, NothingComesFromOthersAndFromThoseWithoutABaseline) {
  Profile before = Watched({RawSocket().At(500)});
  before.container.id = "a";
  Succession succession;
  succession.Remember(before, CallSites::BuiltIn());
  Profile after = Watched({});
  after.container.id = "a";
  EXPECT_FALSE(succession.Inherit(after));
  before.baseline = kBaseline;
  succession.Remember(before, CallSites::BuiltIn());
  after.container.id = "b";
  EXPECT_FALSE(succession.Inherit(after));
}

TEST(Succession, IsBounded) {
  Succession succession;
  Profile before = Watched({RawSocket().At(500)});
  before.baseline = kBaseline;
  for (size_t i = 0; i < Succession::kMaxUses; ++i) {
    before.container.id = std::to_string(i);
    succession.Remember(before, CallSites::BuiltIn());
  }
  Profile after = Watched({});
  after.container.id = "0";
  EXPECT_FALSE(succession.Inherit(after));
  after.container.id = before.container.id;
  EXPECT_TRUE(succession.Inherit(after));
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
  EXPECT_EQ(AlertOf(RawSocket().At(1600))->id, id);
  EXPECT_NE(AlertOf(RawSocket().By("other", 2).At(1600))->id, id);
  EXPECT_NE(AlertOf(Refused(CAP_NET_RAW, "inet_create", "socket").Failed(EPERM))->id, id);
  EXPECT_NE(AlertOf(Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded().At(1500))->id, id);
}

}  // namespace
}  // namespace capmon
