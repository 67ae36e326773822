// SPDX-License-Identifier: Apache-2.0
// System calls that an engine's seccomp filter allows only with a capability.
#include "daemon/profile/filtered_calls.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/learn.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const CapabilitySet kDockers(0xa80425fb);

Profile Filtered(CapabilitySet held, const std::string& runtime = "docker") {
  Profile profile = Watched({}, held);
  profile.container.runtime = runtime;
  profile.held->seccomp_mode = 2;
  return profile;
}

void Make(Profile& profile, const std::string& syscall, bool refused) {
  CallNoticed noticed;
  noticed.comm = "program";
  noticed.syscall = syscall;
  noticed.refused = refused;
  Learn(profile, noticed);
}

GatedCallSet Bits(std::initializer_list<const char*> calls) {
  GatedCallSet bits = 0;
  for (const char* call : calls) bits |= GatedCallSet{1} << *GatedCallNumber(call);
  return bits;
}

TEST(FilteredCalls, ACallThatGetsThroughNeedsWhatOpensTheGate) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN}));
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
  Make(profile, "unshare", false);
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).verdict, Verdict::kConstraint);
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).reason,
            "Docker's seccomp filter allows unshare(2) only with SYS_ADMIN");
}

TEST(FilteredCalls, MemoryPoliciesNeedSysNice) {
  for (const char* call : {"mbind", "set_mempolicy", "get_mempolicy"}) {
    Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_NICE}));
    Make(profile, call, false);
    EXPECT_EQ(Judged(profile).recommendation.keep, CapabilitySet({CAP_SYS_NICE})) << call;
  }
}

TEST(FilteredCalls, TheLesserOfTwoKeysIsEnough) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN, CAP_SYSLOG}));
  Make(profile, "syslog", false);
  EXPECT_EQ(Judged(profile).recommendation.keep, CapabilitySet({CAP_SYSLOG}));
}

TEST(FilteredCalls, WhatTheKernelRefusedNeedsNoGate) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN}));
  Make(profile, "setns", true);
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
  EXPECT_THAT(Judged(profile).recommendation.warnings, IsEmpty());
}

TEST(FilteredCalls, ARefusalByTheFilterIsAHint) {
  Profile profile = Filtered(kDockers);
  Make(profile, "sethostname", true);
  const Judgement judgement = Judged(profile);
  EXPECT_THAT(judgement.recommendation.warnings,
              Contains("the seccomp filter denied sethostname(2) by program: Docker's seccomp "
                       "filter allows sethostname(2) only with SYS_ADMIN"));
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).verdict, Verdict::kUnused);
}

// Capabilities beyond Docker's set: those that allow a call without a check, and SYS_BOOT, which
// the kernel always checks.
const CapabilitySet kGateKeys = {CAP_SYS_ADMIN, CAP_SYS_NICE, CAP_SYS_BOOT};

TEST(FilteredCalls, WhatMayHaveBeenMadeUnwatchedIsUnknown) {
  Profile profile = Filtered(kDockers | kGateKeys);
  profile.unwatched = 12;
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.unknown, CapabilitySet({CAP_SYS_ADMIN, CAP_SYS_NICE}));
  EXPECT_EQ(judgement.recommendation.remove, kDockers | CapabilitySet({CAP_SYS_BOOT}));
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).verdict, Verdict::kUnknown);
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).reason,
            "system calls were not watched while it made 12 checks and execs, and Docker's seccomp "
            "filter allows some, such as unshare(2), only with SYS_ADMIN or SYS_NICE");
  EXPECT_THAT(judgement.recommendation.warnings, Contains(RowOf(judgement, CAP_SYS_NICE).reason));
  const Judgement assumed = Judged(profile, {.assume_unused = true});
  EXPECT_EQ(assumed.recommendation.remove, kDockers | kGateKeys);
}

TEST(FilteredCalls, AnOrdinaryContainerLosesNothingByTheEndOfItsWindow) {
  Profile profile = Filtered(kDockers);
  profile.unwatched = 1'000'000;
  EXPECT_EQ(Judged(profile).recommendation.remove, kDockers);
  EXPECT_THAT(Judged(profile).recommendation.warnings, IsEmpty());
}

TEST(FilteredCalls, NothingIsUnknownWhereNothingWasDoneUnwatchedOrNothingIsGated) {
  Profile profile = Filtered(kDockers | kGateKeys);
  EXPECT_TRUE(Judged(profile).recommendation.unknown.empty());
  profile.unwatched = 1;
  profile.held->seccomp_mode = 0;
  EXPECT_TRUE(Judged(profile).recommendation.unknown.empty());
  profile.held->seccomp_mode = 2;
  profile.container.runtime = "podman";  // its filter allows unshare(2), but not bpf(2)
  EXPECT_EQ(Judged(profile).recommendation.unknown, CapabilitySet({CAP_SYS_ADMIN, CAP_SYS_NICE}));
  profile.container.filter = CallFilter{};
  EXPECT_TRUE(Judged(profile).recommendation.unknown.empty());
}

// The kernel made a check, if only in the workload's own namespace: the filter allowed the call.
TEST(FilteredCalls, ACheckInAGatedCallShowsTheCall) {
  const Check mounted = Granted(CAP_SYS_ADMIN, "path_mount", "mount").AtLevel(1).Succeeded();
  Profile profile = Watched({mounted}, kDockers | CapabilitySet({CAP_SYS_ADMIN}));
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
  profile.container.runtime = "docker";
  profile.held->seccomp_mode = 2;
  EXPECT_EQ(Judged(profile).recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
  EXPECT_THAT(RowOf(Judged(profile), CAP_SYS_ADMIN).reason, HasSubstr("allows mount(2)"));
}

TEST(FilteredCalls, ARefusedCheckShowsNoNeedOfTheGate) {
  Profile profile = Watched({Refused(CAP_SYS_ADMIN, "path_mount", "mount").Failed(EPERM)},
                            kDockers | CapabilitySet({CAP_SYS_ADMIN}));
  profile.container.runtime = "docker";
  profile.held->seccomp_mode = 2;
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
}

TEST(FilteredCalls, AFailedCallShowsNoNeedOfTheGateIfAllWereWatched) {
  const Check failed = Granted(CAP_SYS_ADMIN, "path_mount", "mount").AtLevel(1).Failed(EINVAL);
  Profile profile = Watched({failed}, kDockers | CapabilitySet({CAP_SYS_ADMIN}));
  profile.container.runtime = "docker";
  profile.held->seccomp_mode = 2;
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
  profile.checks.begin()->second.unwatched = 1;
  EXPECT_EQ(Judged(profile).recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
}

TEST(FilteredCalls, WithoutAFilterNothingIsGated) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN}));
  Make(profile, "unshare", false);
  profile.held->seccomp_mode = 0;
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
  profile.held->seccomp_mode = 2;
  profile.container.filter = CallFilter{};  // the runtime set none: the program has its own
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
}

TEST(FilteredCalls, TheRealFilterDecides) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN}), "runc");
  Make(profile, "unshare", false);
  profile.container.filter = CallFilter{true, Bits({"unshare", "mount", "chroot"})};
  EXPECT_EQ(Judged(profile).recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
  // A filter that allows a call without its capability does not depend on capabilities.
  profile.container.filter = CallFilter{true, Bits({"unshare", "mount", "mbind"})};
  const Judgement judgement = Judged(profile);
  EXPECT_TRUE(judgement.recommendation.keep.empty());
  EXPECT_THAT(judgement.recommendation.warnings,
              Contains(AllOf(HasSubstr("not the engine's default"), HasSubstr("SYS_ADMIN"))));
}

TEST(FilteredCalls, OfAnUnknownEngineItWarns) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN}), "runc");
  Make(profile, "unshare", false);
  const Judgement judgement = Judged(profile);
  EXPECT_TRUE(judgement.recommendation.keep.empty());
  EXPECT_THAT(judgement.recommendation.warnings, Contains(HasSubstr("could not be read")));
}

TEST(FilteredCalls, PodmansFilterGatesLess) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN}), "podman");
  Make(profile, "unshare", false);
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
  Make(profile, "setns", false);
  EXPECT_EQ(Judged(profile).recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
}

TEST(FilteredCalls, AUnitsFilterDoesNotDependOnCapabilities) {
  Profile profile = Filtered(kDockers | CapabilitySet({CAP_SYS_ADMIN}), "systemd");
  profile.container.kind = ContainerKind::kUnit;
  Make(profile, "unshare", false);
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
  EXPECT_THAT(Judged(profile).recommendation.warnings, IsEmpty());
}

}  // namespace
}  // namespace capmon
