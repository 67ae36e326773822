// SPDX-License-Identifier: Apache-2.0
// If the evidence could not have shown a need, nothing is called unused.
#include "daemon/profile/unknowable.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TimeNs kMinute = 60 * kSecond;
const CapabilitySet kDocker(0xa80425fb);

Check UsesNetRaw() { return Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded(); }
// One piece of evidence for each way of not needing a capability.
std::vector<Check> AskedInVain() {
  return {
      Granted(CAP_SYS_CHROOT, "ksys_chroot", "chroot").From(ExeOrigin::kHost).Succeeded(),
      Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").With(kCredOverridden).Succeeded(),
      Granted(CAP_CHOWN, "setattr_prepare", "chown").Failed(EROFS),
      Granted(CAP_SETUID, "__sys_setuid", "setuid").With(kHarmless).Succeeded(),
      Granted(CAP_MKNOD, "vfs_mknod", "mknodat").AtLevel(1).Succeeded(),
      Granted(CAP_FOWNER, "inode_owner_or_capable", "faccessat").With(kCredOverridden),
  };
}

Profile RanBefore(const std::vector<Check>& checks) {
  Profile profile = Watched(checks, kDocker);
  profile.starts = 0;
  profile.container.from_start = false;
  return profile;
}

// Whatever the cause: nothing to remove, every held capability either kept or unknown.
void ExpectNothingToRemove(const Profile& profile, const std::string& why) {
  const Judgement judgement = Judged(profile);
  const Recommendation& advice = judgement.recommendation;
  EXPECT_THAT(advice.unknown_reason, HasSubstr(why));
  EXPECT_TRUE(advice.remove.empty());
  EXPECT_EQ(advice.keep | advice.unknown, kDocker);
  EXPECT_TRUE((advice.keep & advice.unknown).empty());
  for (const CapabilityVerdict& row : judgement.capabilities) {
    if (!row.held || row.keep) continue;
    EXPECT_EQ(row.verdict, Verdict::kUnknown) << CapabilityName(row.capability);
    EXPECT_EQ(row.reason, advice.unknown_reason);
  }
  EXPECT_EQ(judgement.confidence.state, "learning");
  EXPECT_THAT(judgement.confidence.open_conditions, Contains(HasSubstr(why)));
  EXPECT_THAT(advice.warnings, Contains(HasSubstr(why)));
  EXPECT_EQ(advice.no_new_privileges, Advice::kUnknown);
}

TEST(Unknown, WhatRanBeforeCapmond) {
  ExpectNothingToRemove(RanBefore({}), "its start was not seen: it ran before capmond");
  ExpectNothingToRemove(RanBefore({UsesNetRaw()}), "its start was not seen");
  EXPECT_EQ(Judged(RanBefore({UsesNetRaw()})).recommendation.keep, CapabilitySet{CAP_NET_RAW});
}

TEST(Unknown, EveryFormOfNotNeeded) {
  const Profile seen = Watched(AskedInVain(), kDocker);
  const Judgement judgement = Judged(seen);
  for (const Check& check : AskedInVain())
    EXPECT_FALSE(RowOf(judgement, check.evidence().key.capability).keep)
        << CapabilityName(check.evidence().key.capability) << " is a bad example";
  ExpectNothingToRemove(RanBefore(AskedInVain()), "its start was not seen");
}

TEST(Unknown, WhatIsNotHeldStaysWhatItIs) {
  const Judgement judgement =
      Judged(RanBefore({Overcommit(true).Times(7),
                        Refused(CAP_SYS_TIME, "cap_settime", "settimeofday").Failed(EPERM)}));
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).verdict, Verdict::kNoise);
  EXPECT_EQ(RowOf(judgement, CAP_SYS_TIME).verdict, Verdict::kMissing);
  EXPECT_FALSE(judgement.recommendation.unknown.Has(CAP_SYS_TIME));
}

TEST(Unknown, ARefusalThatFailedACallStaysMissing) {
  const Judgement judgement =
      Judged(RanBefore({Refused(CAP_CHOWN, "setattr_prepare", "chown").Failed(EPERM)}));
  EXPECT_EQ(RowOf(judgement, CAP_CHOWN).verdict, Verdict::kMissing);
  EXPECT_TRUE(judgement.recommendation.unknown.Has(CAP_CHOWN));
  EXPECT_TRUE(judgement.recommendation.remove.empty());
}

TEST(Unknown, UnitsSessionsAndTheHostWithoutAStart) {
  for (const ContainerKind kind :
       {ContainerKind::kUnit, ContainerKind::kSession, ContainerKind::kUnknown}) {
    Profile profile = RanBefore({});
    profile.container.kind = kind;
    ExpectNothingToRemove(profile, "its start was not seen");
  }
  Profile host = RanBefore({});
  host.container.kind = ContainerKind::kHost;
  ExpectNothingToRemove(host, "the host's processes ran before capmond");
}

TEST(Unknown, NotASessionThatWasSeenFromItsStart) {
  Profile session = Watched({}, kDocker);
  session.container.kind = ContainerKind::kSession;
  session.container.from_start = true;
  EXPECT_EQ(Judged(session).recommendation.remove, kDocker);
  EXPECT_EQ(Judged(session).recommendation.unknown_reason, "");
}

TEST(Unknown, AfterAReset) {
  Profile profile = RanBefore({});
  profile.container.from_start = true;  // the sets are still those of its first process
  ExpectNothingToRemove(profile, "its start is not in the evidence");
}

TEST(Unknown, WhereNoProgramWasSeenYet) {
  Profile profile = RanBefore({});
  profile.container.from_start = true;
  profile.held->source = "oci";
  ExpectNothingToRemove(profile, "none of its programs was seen starting");
}

TEST(Unknown, WhereEvidenceWasLost) {
  for (const char* cause : {"map-full", "in-flight", "map-unreadable", "ring-exec", "ring-capset",
                            "a cause of tomorrow"}) {
    Profile profile = Watched({UsesNetRaw()}, kDocker);
    profile.losses = {{cause, 3}};
    ExpectNothingToRemove(profile, "3 pieces of its evidence were lost");
  }
  Profile full = Watched({}, kDocker);
  full.evidence_dropped = 2;
  ExpectNothingToRemove(full, "its profile was full");
}

TEST(Unknown, NotWhereOnlyDetailsOrOutcomesWereLost) {
  Profile profile = Watched({UsesNetRaw()}, kDocker);
  profile.losses = {{"outcome", 5}, {"ring-check", 6}, {"key-quota", 7}};
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.unknown_reason, "");
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_NET_RAW});
  EXPECT_EQ(judgement.recommendation.remove, kDocker - CapabilitySet{CAP_NET_RAW});
}

// Skipped checks cannot be charged to one container.
TEST(Unknown, NotForWhatTheKernelSkippedSomewhereButThatIsNeverStable) {
  Profile profile = Watched({}, kDocker);
  profile.losses = {{"recursion", 1}};
  EXPECT_EQ(Judged(profile).recommendation.unknown_reason, "");
  EXPECT_EQ(Judged(profile).confidence.state, "learning");
}

TEST(Unknown, WhereAGapLiesOverItsStart) {
  Profile profile = Watched({}, kDocker);
  profile.observed_from = 100 * kSecond;
  profile.gaps = {{130 * kSecond, 300 * kSecond, "capmond did not run"}};
  ExpectNothingToRemove(profile, "it was not watched while it started: capmond did not run");
  profile.gaps = {{161 * kSecond, 300 * kSecond, "capmond did not run"}};
  EXPECT_EQ(Judged(profile).recommendation.unknown_reason, "");
  EXPECT_EQ(Judged(profile).recommendation.remove, kDocker);
  EXPECT_EQ(Judged(profile).confidence.state, "learning");
  EXPECT_THAT(Judged(profile).recommendation.warnings, Contains(HasSubstr("not watched for")));
}

TEST(Unknown, OnlyWhatWasCheckedBeyondTheQuota) {
  const Profile profile = Watched({Granted(CAP_CHOWN, "", "").With(kCollapsed | kCredOther),
                                   Granted(CAP_KILL, "", "").With(kCollapsed)},
                                  kDocker);
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.unknown, CapabilitySet{CAP_CHOWN});
  EXPECT_EQ(RowOf(judgement, CAP_CHOWN).verdict, Verdict::kUnknown);
  EXPECT_THAT(RowOf(judgement, CAP_CHOWN).reason, HasSubstr("beyond the container's quota"));
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_KILL}) << "review is kept";
  EXPECT_EQ(judgement.recommendation.unknown_reason, "");
  EXPECT_EQ(RowOf(judgement, CAP_MKNOD).verdict, Verdict::kUnused);
}

// A file that was not there yet while results were watched, and later was.
TEST(Unknown, WhetherCallsSucceededOfWhichOnlySomeWereSettled) {
  const auto judged = [](uint64_t failed) {
    return Judged(Watched({Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat")
                               .Failed(ENOENT, failed)
                               .Times(5000)},
                          kDocker));
  };
  EXPECT_TRUE(judged(5000).recommendation.unknown.empty());
  EXPECT_EQ(judged(1040).recommendation.unknown, CapabilitySet{CAP_DAC_OVERRIDE});
}

TEST(Unknown, WhetherCallsSucceededWhoseResultsWereLost) {
  Profile profile = Watched(
      {Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Failed(ENOENT, 3).Times(5)},
      kDocker);
  profile.losses["outcome"] = 2;
  EXPECT_EQ(Judged(profile).recommendation.unknown, CapabilitySet{CAP_DAC_OVERRIDE});
}

TEST(Unknown, WhetherCallsSucceededThatWereNotWatched) {
  Profile profile = Watched(
      {Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Failed(ENOENT, 3).Times(5)},
      kDocker);
  EXPECT_EQ(RowOf(Judged(profile), CAP_DAC_OVERRIDE).verdict, Verdict::kTried);
  EXPECT_TRUE(Judged(profile).recommendation.unknown.empty());
  profile.checks.begin()->second.unwatched = 2;
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.unknown, CapabilitySet{CAP_DAC_OVERRIDE});
  EXPECT_FALSE(judgement.recommendation.remove.Has(CAP_DAC_OVERRIDE));
  EXPECT_EQ(RowOf(judgement, CAP_DAC_OVERRIDE).verdict, Verdict::kUnknown);
  EXPECT_EQ(RowOf(judgement, CAP_DAC_OVERRIDE).reason,
            "it was granted to calls that failed, but 2 such checks were made while results of "
            "system calls were not watched");
  EXPECT_TRUE(Judged(profile, {.assume_unused = true}).recommendation.remove.Has(CAP_DAC_OVERRIDE));
}

TEST(Unknown, CountsAsUnusedWithAssumeUnused) {
  const Judgement judgement = Judged(RanBefore({UsesNetRaw()}), {.assume_unused = true});
  EXPECT_TRUE(judgement.recommendation.unknown.empty());
  EXPECT_EQ(judgement.recommendation.remove, kDocker - CapabilitySet{CAP_NET_RAW});
  EXPECT_EQ(RowOf(judgement, CAP_MKNOD).verdict, Verdict::kUnused);
  EXPECT_THAT(judgement.recommendation.warnings, Contains(HasSubstr("its start was not seen")));
}

TEST(Unknown, WithoutHeldSetsThereIsStillAReason) {
  Profile profile = RanBefore({});
  profile.held.reset();
  const Judgement judgement = Judged(profile);
  EXPECT_THAT(judgement.capabilities, IsEmpty());
  EXPECT_NE(judgement.recommendation.unknown_reason, "");
}

// Idle, active, hardly active: three workloads of the same age.
Profile Aged(uint64_t at_start, uint64_t since) {
  Profile profile = Watched({}, kDocker);
  profile.observed_from = profile.last_news = kMinute;
  profile.observed_until = 30 * kMinute;
  profile.activity = {at_start, since, since == 0 ? 0 : 20 * kMinute};
  return profile;
}

TEST(Confidence, TenQuietMinutesOfAnIdleServerProveNothing) {
  const Confidence idle = Judged(Aged(30, 0)).confidence;
  EXPECT_EQ(idle.state, "learning");
  EXPECT_THAT(idle.open_conditions, Contains(HasSubstr("idle since its start")));
  EXPECT_EQ(Judged(Aged(30, 9)).confidence.state, "learning");
  EXPECT_THAT(Judged(Aged(30, 9)).confidence.open_conditions,
              Contains(HasSubstr("hardly used since its start")));
}

TEST(Confidence, IsStableAfterActivityInProportionToTheStart) {
  EXPECT_EQ(Judged(Aged(30, 10)).confidence.state, "stable");
  EXPECT_EQ(Judged(Aged(3, 3)).confidence.state, "stable");
  EXPECT_EQ(Judged(Aged(0, 1)).confidence.state, "stable");
  EXPECT_THAT(Judged(Aged(0, 1)).confidence.open_conditions, ElementsAre("only 1 start was seen"));
}

TEST(Confidence, ActivityBeforeAGapDoesNotCount) {
  Profile profile = Aged(30, 40);
  profile.gaps = {{19 * kMinute, 20 * kMinute, "capmond did not run"}};
  profile.observed_until = 40 * kMinute;
  EXPECT_EQ(Judged(profile).confidence.state, "learning");
  EXPECT_THAT(Judged(profile).confidence.open_conditions, Contains("idle since the last gap"));
  profile.activity.last = 21 * kMinute;
  EXPECT_EQ(Judged(profile).confidence.state, "stable");
  EXPECT_THAT(
      Judged(profile).confidence.open_conditions,
      Contains("not watched from 1970-01-01 00:19:00 UTC to 1970-01-01 00:20:00 UTC: capmond did "
               "not run"));
}

TEST(Confidence, TheQuietTimeIsASetting) {
  Profile profile = Aged(3, 3);
  EXPECT_EQ(Judged(profile, {.stable_after = 29 * kMinute}).confidence.state, "stable");
  EXPECT_EQ(Judged(profile, {.stable_after = 30 * kMinute}).confidence.state, "learning");
}

TEST(Confidence, NamesEachLoss) {
  Profile profile = Aged(3, 3);
  profile.losses = {{"map-full", 4}};
  EXPECT_EQ(Judged(profile).confidence.state, "learning");
  EXPECT_THAT(Judged(profile).confidence.open_conditions, Contains(HasSubstr("4")));
}

// The kernel checks SETPCAP in every capset(2); the list comes only with the call's result.
TEST(Unknown, WhatACapsetRequestedUnwatched) {
  const Check call = Granted(CAP_SETPCAP, "cap_capset", "capset");
  Profile profile = Watched({UsesNetRaw(), call}, kDocker);
  Recommendation recommendation = Judged(profile).recommendation;
  EXPECT_THAT(recommendation.unknown_reason, HasSubstr("called capset(2)"));
  EXPECT_TRUE(recommendation.remove.empty());
  EXPECT_EQ(recommendation.unknown, kDocker - CapabilitySet({CAP_NET_RAW}));
  EXPECT_FALSE(Judged(profile, {.assume_unused = true}).recommendation.remove.empty());

  for (const Check& known : {Check(call).Succeeded(), Check(call).Failed(EPERM),
                             Check(call).By("ping"), Check(call).AtLevel(1)}) {
    profile = Watched({UsesNetRaw(), known}, kDocker);
    recommendation = Judged(profile).recommendation;
    EXPECT_EQ(recommendation.unknown_reason, "");
    EXPECT_EQ(recommendation.remove, kDocker - CapabilitySet({CAP_NET_RAW}));
  }
}

TEST(Unknown, WhatAProcessDidAfterItLeftItsCgroup) {
  Profile profile = Watched({UsesNetRaw()}, kDocker);
  profile.losses["left-cgroup"] = 1;
  const Recommendation recommendation = Judged(profile).recommendation;
  EXPECT_THAT(recommendation.unknown_reason, HasSubstr("a process left its cgroup"));
  EXPECT_TRUE(recommendation.remove.empty());
}

}  // namespace
}  // namespace capmon
