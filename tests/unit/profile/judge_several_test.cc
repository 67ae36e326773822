// SPDX-License-Identifier: Apache-2.0
// Several containers of one workload: each judged by its own gates, and merged by meaning.
#include "daemon/profile/judge_several.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/fold.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Judgement JudgedTogether(const std::vector<Profile>& profiles, const JudgeOptions& options = {}) {
  return Judge(profiles, CallSites::BuiltIn(), options);
}

Profile Named(const std::string& name, Profile profile) {
  profile.container.name = profile.container.key = name;
  return profile;
}

Check Raw(uint32_t exe, uint64_t times) {
  return Granted(CAP_NET_RAW, "inet_create", "socket").By("/bin/ping", exe).Succeeded(times);
}

TEST(JudgeSeveral, OfOneItIsTheSameAsOfItself) {
  Profile profile =
      Watched({Raw(7, 3), Refused(CAP_SYS_NICE, "set_one_prio", "setpriority").Failed(13),
               Granted(CAP_DAC_READ_SEARCH, "generic_permission", "openat").Succeeded()});
  profile.starts = 0;
  profile.losses["map-full"] = 1;
  const Judgement one = Judged(profile), span = JudgedTogether({profile});
  ASSERT_EQ(one.capabilities.size(), span.capabilities.size());
  for (size_t i = 0; i < one.capabilities.size(); ++i) {
    const CapabilityVerdict &a = one.capabilities[i], &b = span.capabilities[i];
    EXPECT_EQ(a.capability, b.capability);
    EXPECT_EQ(a.verdict, b.verdict);
    EXPECT_EQ(a.reason, b.reason);
    EXPECT_EQ(a.evidence.size(), b.evidence.size());
  }
  EXPECT_EQ(one.recommendation.keep, span.recommendation.keep);
  EXPECT_EQ(one.recommendation.unknown, span.recommendation.unknown);
  EXPECT_EQ(one.confidence.open_conditions, span.confidence.open_conditions);
}

TEST(JudgeSeveral, AProgramIsItsPathWhateverItsInode) {
  const Judgement judgement =
      JudgedTogether({Named("a", Watched({Raw(7, 3)})), Named("b", Watched({Raw(8, 4)}))});
  const CapabilityVerdict row = RowOf(judgement, CAP_NET_RAW);
  EXPECT_EQ(row.verdict, Verdict::kRequired);
  EXPECT_EQ(row.used, 7u);
  EXPECT_THAT(row.binaries, ElementsAre("/bin/ping"));
  EXPECT_THAT(row.evidence, SizeIs(1));
}

TEST(JudgeSeveral, OneInodeOfTwoProgramsIsTwo) {
  const Judgement judgement = JudgedTogether(
      {Named("a", Watched({Raw(7, 3)})),
       Named(
           "b",
           Watched({Granted(CAP_NET_RAW, "inet_create", "socket").By("/bin/nc", 7).Succeeded()}))});
  EXPECT_THAT(RowOf(judgement, CAP_NET_RAW).binaries, ElementsAre("/bin/nc", "/bin/ping"));
  EXPECT_THAT(RowOf(judgement, CAP_NET_RAW).evidence, SizeIs(2));
}

// A check at level 1 is in a namespace below a container at level 0, and a need of one at level 1.
TEST(JudgeSeveral, EachContainersOwnGatesDecide) {
  const Check chown =
      Granted(CAP_CHOWN, "setattr_prepare", "chown").AtLevel(1).AskedAt(1).Succeeded();
  const Profile outer = Named("outer", Watched({chown}));
  Profile inner = Named("inner", Watched({chown}));
  inner.held->userns_level = 1;
  EXPECT_EQ(RowOf(Judged(outer), CAP_CHOWN).verdict, Verdict::kOwnNamespace);
  ASSERT_EQ(RowOf(Judged(inner), CAP_CHOWN).verdict, Verdict::kRequired);
  const Judgement judgement = JudgedTogether({outer, inner});
  const CapabilityVerdict row = RowOf(judgement, CAP_CHOWN);
  EXPECT_EQ(row.verdict, Verdict::kRequired);
  EXPECT_EQ(row.used, 1u);
  EXPECT_THAT(row.evidence, SizeIs(2)) << "what differs in meaning is not merged";
  EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_CHOWN));
}

TEST(JudgeSeveral, WhatOneNeedsIsKeptForAll) {
  const Judgement judgement = JudgedTogether(
      {Named("a", Watched({})), Named("b", Watched({Raw(8, 4)}, CapabilitySet{CAP_NET_RAW}))});
  EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_NET_RAW));
  EXPECT_FALSE(judgement.recommendation.remove.Has(CAP_NET_RAW));
  EXPECT_TRUE(judgement.recommendation.remove.Has(CAP_SYS_ADMIN)) << "only the first holds it";
}

TEST(JudgeSeveral, WhatIsUnknownForOneIsUnknownForAll) {
  Profile unseen = Named("unseen", Watched({}));
  unseen.starts = 0;
  for (const auto& profiles : {std::vector<Profile>{Named("seen", Watched({})), unseen},
                               std::vector<Profile>{unseen, Named("seen", Watched({}))}}) {
    const Judgement judgement = JudgedTogether(profiles);
    EXPECT_TRUE(judgement.recommendation.unknown.Has(CAP_SYS_ADMIN));
    EXPECT_TRUE(judgement.recommendation.remove.empty());
    EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).verdict, Verdict::kUnknown);
    EXPECT_NE(judgement.recommendation.unknown_reason, "");
  }
}

TEST(JudgeSeveral, UnsafeForOneIsUnsafeForAll) {
  Recommendation all, other;
  all.no_new_privileges = Advice::kSafe;
  all.non_root = Advice::kUnsafe;
  all.non_root_reason = "the first";
  other.no_new_privileges = Advice::kUnknown;
  other.no_new_privileges_reason = "the second";
  other.non_root = Advice::kUnknown;
  all.warnings = {"both"};
  other.warnings = {"both", "one"};
  MergeAdvice(other, all);
  EXPECT_EQ(all.no_new_privileges, Advice::kUnknown);
  EXPECT_EQ(all.no_new_privileges_reason, "the second");
  EXPECT_EQ(all.non_root, Advice::kUnsafe);
  EXPECT_EQ(all.non_root_reason, "the first");
  EXPECT_THAT(all.warnings, ElementsAre("both", "one"));
}

TEST(JudgeSeveral, ConfidenceIsThatOfTheWeakest) {
  Confidence stable, learning;
  stable.state = "stable";
  stable.observed_seconds = 900;
  stable.starts = 2;
  stable.losses["ring-check"] = 1;
  learning.state = "learning";
  learning.observed_seconds = 60;
  learning.starts = 1;
  learning.lost = 3;
  learning.losses["ring-check"] = 2;
  learning.known_sites = 0.5;
  learning.open_conditions = {"idle"};
  for (const bool swapped : {false, true}) {
    std::vector<std::pair<std::string, Confidence>> members = {{"a", stable}, {"b", learning}};
    if (swapped) std::swap(members[0], members[1]);
    const Confidence all = WeakestOf(members);
    EXPECT_EQ(all.state, "learning");
    EXPECT_EQ(all.observed_seconds, 60);
    EXPECT_EQ(all.starts, 3u);
    EXPECT_EQ(all.lost, 3u);
    EXPECT_EQ(all.losses.at("ring-check"), 3u);
    EXPECT_EQ(all.known_sites, 0.5);
    EXPECT_THAT(all.open_conditions, ElementsAre("b: idle"));
  }
}

TEST(JudgeSeveral, OfNoneNothingIsKnown) {
  const Judgement judgement = JudgedTogether({});
  EXPECT_THAT(judgement.capabilities, IsEmpty());
  EXPECT_EQ(judgement.confidence.state, "learning");
}

constexpr JudgeOptions kOneImage{.one_image = true};

Profile Stable(const std::string& name, const std::vector<Check>& checks) {
  Profile profile = Named(name, Watched(checks));
  profile.container.from_start = true;
  profile.observed_from = profile.last_news = 1;
  profile.observed_until = 3 * JudgeOptions().stable_after;
  profile.activity = {1, 100, profile.observed_until};
  return profile;
}

TEST(JudgeSeveral, CountsTheInstancesThatUsedIt) {
  Profile folded = Named("folded", Watched({Raw(9, 1)}));
  folded.folded = {5, {{CAP_NET_RAW, 2}, {CAP_KILL, 5}}};
  const Judgement judgement =
      JudgedTogether({Named("a", Watched({Raw(7, 3)})), Named("b", Watched({})), folded,
                      Named("c", Watched({Refused(CAP_CHOWN, "setattr_prepare", "chown").Failed(1)},
                                         CapabilitySet{CAP_NET_RAW}))},
                     kOneImage);
  EXPECT_EQ(judgement.instances, 8u);
  EXPECT_EQ(RowOf(judgement, CAP_NET_RAW).instances_used, 3u);
  EXPECT_EQ(RowOf(judgement, CAP_CHOWN).instances_used, 1u);
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).instances_used, 0u);
  EXPECT_EQ(Judged(Watched({Raw(7, 3)})).instances, 1u);
}

TEST(JudgeSeveral, OneStartThatWasSeenIsEnoughForOneImage) {
  Profile unseen = Named("unseen", Watched({}));
  unseen.starts = 0;
  const std::vector<Profile> profiles = {unseen, Named("seen", Watched({}))};
  EXPECT_TRUE(JudgedTogether(profiles, kOneImage).recommendation.unknown.empty());
  EXPECT_FALSE(JudgedTogether({unseen, unseen}, kOneImage).recommendation.unknown.empty());
}

TEST(JudgeSeveral, ALossOfOneInstanceIsALossOfAll) {
  Profile losing = Stable("losing", {});
  losing.losses["map-full"] = 2;
  for (const auto& profiles : {std::vector<Profile>{Stable("a", {}), losing},
                               std::vector<Profile>{losing, Stable("a", {})}}) {
    const Judgement judgement = JudgedTogether(profiles, kOneImage);
    EXPECT_EQ(judgement.confidence.state, "learning");
    EXPECT_EQ(judgement.confidence.lost, 2u);
    EXPECT_THAT(judgement.confidence.open_conditions, Contains(HasSubstr("losing: 2 pieces")));
    EXPECT_TRUE(judgement.recommendation.unknown.Has(CAP_SYS_ADMIN));
    EXPECT_TRUE(judgement.recommendation.remove.empty());
  }
}

TEST(JudgeSeveral, ANewInstanceDoesNotBeginAnew) {
  Profile young = Named("young", Watched({Raw(8, 1).At(3 * JudgeOptions().stable_after)}));
  young.observed_from = young.last_news = young.observed_until = 3 * JudgeOptions().stable_after;
  const Profile old = Stable("old", {Raw(7, 1)});
  const Confidence known = JudgedTogether({young, old}, kOneImage).confidence;
  EXPECT_EQ(known.state, "stable") << testing::PrintToString(known.open_conditions);
  EXPECT_EQ(known.starts, 2u);
  EXPECT_THAT(known.open_conditions, IsEmpty()) << "two starts were seen";
  const Confidence news = JudgedTogether({young, Stable("old", {})}, kOneImage).confidence;
  EXPECT_EQ(news.state, "learning");
  EXPECT_THAT(news.open_conditions, Contains(HasSubstr("something new")));
}

TEST(JudgeSeveral, InstancesUnderOtherSurroundingsAreAWarning) {
  Profile a = Named("a", Watched({})), b = Named("b", Watched({}));
  a.surroundings["net.ipv4.ip_unprivileged_port_start"] = "0";
  b.surroundings["net.ipv4.ip_unprivileged_port_start"] = "1024";
  EXPECT_THAT(JudgedTogether({a, b}, kOneImage).recommendation.warnings,
              Contains(HasSubstr("ip_unprivileged_port_start (0, 1024)")));
  EXPECT_THAT(JudgedTogether({a, a}, kOneImage).recommendation.warnings,
              testing::Not(Contains(HasSubstr("instances ran with"))));
}

// Two lives of one container, of which the first began before capmond.
std::vector<Profile> Restarted(const std::string& runtime) {
  std::vector<Profile> lives = {Named("old", Watched({})), Named("new", Watched({Raw(7, 3)}))};
  lives[0].starts = 0;
  lives[0].container.from_start = false;
  for (Profile& life : lives) {
    life.container.runtime = runtime;
    life.container.id = "abc";
    life.container.first_seen = life.starts + 1;
    life.observed_until = 3600 * kSecond;
    life.activity = {1, 100, life.observed_until};
  }
  return lives;
}

TEST(JudgeSeveral, ARestartShowsNothingOfWhatIsDoneWithNewFiles) {
  for (const char* runtime : {"docker", "podman"}) {
    std::vector<Profile> lives = Restarted(runtime);
    const Judgement restarted = JudgedTogether(lives, {.one_image = true});
    const CapabilityVerdict chown = RowOf(restarted, CAP_CHOWN);
    EXPECT_EQ(chown.verdict, Verdict::kUnknown);
    EXPECT_THAT(chown.reason, HasSubstr("only restarted"));
    EXPECT_TRUE(restarted.recommendation.unknown.Has(CAP_CHOWN));
    EXPECT_TRUE(restarted.recommendation.remove.Has(CAP_NET_BIND_SERVICE))
        << "needed at every start, or at none";
    EXPECT_TRUE(restarted.recommendation.unknown_reason.empty());
    EXPECT_EQ(restarted.confidence.state, "learning");
    EXPECT_THAT(restarted.confidence.open_conditions, Contains(HasSubstr("only restarted")));

    lives.push_back(lives[1]);
    lives[2].container.id = "def";
    const Judgement recreated = JudgedTogether(lives, {.one_image = true});
    EXPECT_EQ(RowOf(recreated, CAP_CHOWN).verdict, Verdict::kUnused);
    EXPECT_EQ(recreated.confidence.state, "stable")
        << testing::PrintToString(recreated.confidence.open_conditions);
  }
}

TEST(JudgeSeveral, AnEarlierRunThatOnlyTheEngineKnowsOfCountsAsWell) {
  Profile life = Restarted("docker")[1];
  EXPECT_EQ(RowOf(Judge(life, CallSites::BuiltIn()), CAP_CHOWN).verdict, Verdict::kUnused);
  life.container.ran_before = true;
  const Judgement judgement = Judge(life, CallSites::BuiltIn());
  EXPECT_EQ(RowOf(judgement, CAP_CHOWN).verdict, Verdict::kUnknown);
  EXPECT_THAT(judgement.confidence.open_conditions, Contains(HasSubstr("only restarted")));
}

TEST(JudgeSeveral, FoldedRestartsAreNoNewFiles) {
  for (const bool new_files : {false, true}) {
    std::vector<Profile> lives = Restarted("docker");
    Profile folded;
    folded.container.key = "folded";
    Fold(lives[0], CallSites::BuiltIn(), folded);
    lives[1].container.ran_before = !new_files;
    Fold(lives[1], CallSites::BuiltIn(), folded);
    EXPECT_EQ(folded.container.ran_before, !new_files);
    Profile running = lives[1];
    running.container.ran_before = true;
    const Judgement judgement = JudgedTogether({folded, running}, {.one_image = true});
    EXPECT_EQ(RowOf(judgement, CAP_CHOWN).verdict,
              new_files ? Verdict::kUnused : Verdict::kUnknown);
  }
}

TEST(JudgeSeveral, AStartFromTheFirstFileOnIsEnough) {
  std::vector<Profile> lives = Restarted("docker");
  lives[0].starts = 1;
  lives[0].container.from_start = true;
  EXPECT_EQ(RowOf(JudgedTogether(lives, {.one_image = true}), CAP_CHOWN).verdict, Verdict::kUnused);
  lives = Restarted("runc");  // its bundle may be a new one
  EXPECT_EQ(RowOf(JudgedTogether(lives, {.one_image = true}), CAP_CHOWN).verdict, Verdict::kUnused);
}

TEST(JudgeSeveral, WhatStillRunsSaysWhatIsOpen) {
  std::vector<Profile> lives = {Named("ended", Watched({})), Named("runs", Watched({}))};
  for (Profile& life : lives) life.observed_until = life.observed_from + 60 * kSecond;
  lives[0].container.removed = lives[0].observed_until += 60 * kSecond;
  for (int i = 0; i < 2; ++i, std::swap(lives[0], lives[1]))
    EXPECT_THAT(JudgedTogether(lives, {.one_image = true}).confidence.open_conditions,
                Not(Contains(HasSubstr("it ended"))));
}

}  // namespace
}  // namespace capmon
