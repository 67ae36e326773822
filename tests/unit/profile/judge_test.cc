// SPDX-License-Identifier: Apache-2.0
// From all the evidence about a container to its rows and its recommendation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <random>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Check ReadFile() {
  return Granted(CAP_DAC_READ_SEARCH, "generic_permission", "openat").Succeeded();
}
Check WriteFile() { return Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Succeeded(); }

TEST(Judge, APrivilegedContainerThatOnlyRunsLsNeedsNothing) {
  const std::vector<Check> checks = {
      Overcommit(true).Times(1842),
      Granted(CAP_SYS_ADMIN, "path_mount", "mount").From(ExeOrigin::kHost).Succeeded(60),
      Granted(CAP_SETPCAP, "cap_task_prctl", "prctl").From(ExeOrigin::kNone).Succeeded(54),
      Granted(CAP_DAC_OVERRIDE, "generic_permission", "mkdirat").From(ExeOrigin::kHost).Succeeded(),
      Granted(CAP_DAC_READ_SEARCH, "generic_permission", "newfstatat")
          .Under({"generic_permission", "inode_permission", "ovl_permission"})
          .With(kCredOverridden)
          .Succeeded(),
      Granted(CAP_SYS_ADMIN, "simple_xattr_list", "listxattr").Succeeded(),
      Granted(CAP_NET_ADMIN, "net_ctl_permissions", "openat").Succeeded(),
  };
  const Judgement judgement = Judged(Watched(checks));
  EXPECT_TRUE(judgement.recommendation.keep.empty());
  EXPECT_EQ(judgement.recommendation.remove.size(), 41);
  for (const CapabilityVerdict& row : judgement.capabilities) EXPECT_FALSE(row.keep);
  EXPECT_EQ(RowOf(judgement, CAP_KILL).verdict, Verdict::kUnused);
  EXPECT_EQ(RowOf(judgement, CAP_SETPCAP).verdict, Verdict::kRuntimeOnly);
}

TEST(Judge, StrongestVerdictWins) {
  const Judgement judgement = Judged(Watched({
      Granted(CAP_CHOWN, "setattr_prepare", "fchownat").Succeeded(2),
      Granted(CAP_CHOWN, "setattr_prepare", "chown").Failed(EROFS, 9),
      Granted(CAP_CHOWN, "setattr_prepare", "fchownat").From(ExeOrigin::kHost).Succeeded(5),
  }));
  const CapabilityVerdict row = RowOf(judgement, CAP_CHOWN);
  EXPECT_EQ(row.verdict, Verdict::kRequired);
  EXPECT_EQ(row.used, 2u);
  EXPECT_EQ(row.checks, 16u);
  EXPECT_THAT(row.syscalls, ElementsAre("fchownat"));
  ASSERT_EQ(row.evidence.size(), 3u);
  EXPECT_EQ(row.evidence[1].verdict, Verdict::kTried);
  EXPECT_EQ(row.evidence[2].verdict, Verdict::kRuntimeOnly);
}

TEST(Judge, ARefusalToOneProgramDoesNotOutweighTheNeedOfAnother) {
  const Judgement judgement = Judged(Watched({
      WriteFile(),
      Refused(CAP_DAC_OVERRIDE, "generic_permission", "openat").By("worker", 2).Failed(EACCES, 7),
  }));
  const CapabilityVerdict row = RowOf(judgement, CAP_DAC_OVERRIDE);
  EXPECT_EQ(row.verdict, Verdict::kRequired);
  EXPECT_TRUE(row.keep);
  EXPECT_EQ(row.denied, 7u);
}

TEST(Judge, MissingIsShownAndNeverKept) {
  const Judgement judgement = Judged(Watched(
      {Refused(CAP_NET_RAW, "inet_create", "socket").Failed(EPERM)}, CapabilitySet({CAP_CHOWN})));
  const CapabilityVerdict row = RowOf(judgement, CAP_NET_RAW);
  EXPECT_EQ(row.verdict, Verdict::kMissing);
  EXPECT_FALSE(row.keep);
  EXPECT_FALSE(row.held);
  EXPECT_EQ(row.denied, 1u);
  EXPECT_EQ(judgement.recommendation.remove, CapabilitySet({CAP_CHOWN}));
}

TEST(Judge, AWriterNeedsNoSecondCapabilityToRead) {
  EXPECT_EQ(Kept({ReadFile(), WriteFile()}), CapabilitySet({CAP_DAC_OVERRIDE}));
  EXPECT_EQ(Kept({ReadFile()}), CapabilitySet({CAP_DAC_OVERRIDE}));
  const Judgement judgement =
      Judged(Watched({ReadFile()}, CapabilitySet({CAP_DAC_READ_SEARCH, CAP_CHOWN})));
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_DAC_READ_SEARCH}));
}

TEST(Judge, TheMemberChosenInsteadHasARowThatSaysSo) {
  const Judgement judgement =
      Judged(Watched({Granted(CAP_SYS_ADMIN, "ioprio_check_cap", "ioprio_set").Succeeded()}));
  const CapabilityVerdict chosen = RowOf(judgement, CAP_SYS_NICE);
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_SYS_NICE}));
  EXPECT_EQ(chosen.verdict, Verdict::kEither);
  EXPECT_TRUE(chosen.keep);
  EXPECT_THAT(chosen.reason, HasSubstr("SYS_ADMIN"));
  const CapabilityVerdict asked = RowOf(judgement, CAP_SYS_ADMIN);
  EXPECT_FALSE(asked.keep);
  EXPECT_THAT(asked.narrower, ElementsAre(CAP_SYS_NICE));
}

TEST(Judge, NarrowerMustDoForEveryUse) {
  const Judgement both = Judged(Watched({
      Granted(CAP_SYS_ADMIN, "ioprio_check_cap", "ioprio_set").Succeeded(),
      Granted(CAP_SYS_ADMIN, "__x64_sys_sethostname", "sethostname").Succeeded(),
  }));
  EXPECT_TRUE(RowOf(both, CAP_SYS_ADMIN).narrower.empty());
  EXPECT_EQ(both.recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
}

TEST(Judge, StrictMinimalGivesUpWhatOnlyDegrades) {
  const Profile profile =
      Watched({Granted(CAP_FSETID, "setattr_should_drop_suidgid", "write").Succeeded()});
  EXPECT_EQ(Judged(profile).recommendation.keep, CapabilitySet({CAP_FSETID}));
  const Judgement strict = Judged(profile, {.strict_minimal = true});
  EXPECT_TRUE(strict.recommendation.keep.empty());
  EXPECT_EQ(RowOf(strict, CAP_FSETID).verdict, Verdict::kDegrades);
}

TEST(Judge, WithoutHeldSetsNothingIsCalledUnused) {
  Profile profile = Watched({WriteFile()});
  profile.held.reset();
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.capabilities.size(), 1u);
  EXPECT_TRUE(judgement.recommendation.remove.empty());
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_DAC_OVERRIDE}));
}

TEST(Judge, RowsAreOrderedByVerdictThenNumber) {
  const Judgement judgement = Judged(Watched({
      Overcommit(true),
      Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded(),
      Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded(),
      Refused(CAP_SYS_TIME, "cap_settime", "settimeofday").Failed(EPERM),
  }));
  EXPECT_TRUE(std::is_sorted(judgement.capabilities.begin(), judgement.capabilities.end(),
                             [](const CapabilityVerdict& a, const CapabilityVerdict& b) {
                               return std::pair(a.verdict, a.capability) <
                                      std::pair(b.verdict, b.capability);
                             }));
  EXPECT_EQ(judgement.capabilities.front().capability, CAP_SYS_TIME);
}

std::vector<std::string> Told(const Judgement& judgement) {
  std::vector<std::string> lines = {std::to_string(judgement.recommendation.keep.bits())};
  for (const CapabilityVerdict& row : judgement.capabilities) {
    lines.push_back(CapabilityName(row.capability) + Name(row.verdict) + row.reason +
                    std::to_string(row.used) + "/" + std::to_string(row.denied));
    for (const JudgedEvidence& judged : row.evidence)
      lines.push_back(judged.reason + judged.evidence.key.site);
  }
  return lines;
}

TEST(Judge, DoesNotDependOnTheOrderOfArrival) {
  std::vector<Check> checks = {
      Overcommit(true),
      Overcommit(false),
      ReadFile(),
      WriteFile(),
      ReadFile().By("other", 2),
      Granted(CAP_SYS_ADMIN, "ioprio_check_cap", "ioprio_set").Succeeded(),
      Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded(),
      Granted(CAP_CHOWN, "setattr_prepare", "fchown").Succeeded(),
      Refused(CAP_NET_RAW, "inet_create", "socket").Failed(EPERM),
      Granted(CAP_SETUID, "__sys_setuid", "setuid").Succeeded(),
  };
  const std::vector<std::string> expected = Told(Judged(Watched(checks)));
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(checks.begin(), checks.end(), random);
    EXPECT_EQ(Told(Judged(Watched(checks))), expected);
  }
}

TEST(Confidence, LearnsUntilNothingNewComesForTenMinutesAfterAStart) {
  constexpr TimeNs kMinute = 60'000'000'000;
  Profile profile = Watched({WriteFile()});
  profile.observed_from = kMinute;
  profile.last_news = 2 * kMinute;
  profile.activity = {1, 1, 5 * kMinute};
  profile.observed_until = 11 * kMinute;
  EXPECT_EQ(Judged(profile).confidence.state, "learning");
  profile.observed_until = 12 * kMinute;
  EXPECT_EQ(Judged(profile).confidence.state, "stable");
  EXPECT_EQ(Judged(profile).confidence.observed_seconds, 660);
  profile.gaps = {{3 * kMinute, 4 * kMinute, "capmond did not run"}};  // after it had started
  EXPECT_EQ(Judged(profile).confidence.state, "learning");
  profile.observed_until = 14 * kMinute;
  EXPECT_EQ(Judged(profile).confidence.state, "stable");
  EXPECT_EQ(Judged(profile).confidence.gaps, profile.gaps);
  profile.starts = 0;
  EXPECT_EQ(Judged(profile).confidence.state, "learning");
}

TEST(Confidence, CountsLossesAndUnknownSites) {
  Profile profile = Watched({
      WriteFile().Times(3),
      Granted(CAP_SYS_ADMIN, "some_driver_ioctl", "ioctl").Times(1),
      Granted(CAP_SYS_ADMIN, "path_mount", "mount").From(ExeOrigin::kHost).Times(100),
  });
  profile.losses = {{"map-full", 4}, {"recursion", 5}};
  profile.evidence_dropped = 1;
  const Confidence confidence = Judged(profile).confidence;
  EXPECT_EQ(confidence.lost, 10u);
  EXPECT_DOUBLE_EQ(confidence.known_sites, 0.75);
}

}  // namespace
}  // namespace capmon
