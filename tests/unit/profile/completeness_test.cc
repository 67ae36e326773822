// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/completeness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/judge_several.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TimeNs kMinute = 60 * kSecond;
constexpr JudgeOptions kOneImage{.one_image = true};

Check Raw(TimeNs at) {
  return Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded().By("/bin/ping").At(at);
}

// Stable by itself.
Profile Instance(const std::string& name, const std::vector<Check>& checks = {}) {
  Profile profile = Watched(checks);
  profile.container.key = profile.container.name = name;
  profile.container.from_start = true;
  profile.observed_from = profile.last_news = 1;
  profile.observed_until = 30 * kMinute;
  profile.activity = {1, 100, profile.observed_until};
  return profile;
}

std::vector<Profile> ThreeStartsAndAnEnd() {
  std::vector<Profile> all = {Instance("a", {Raw(1)}), Instance("b", {Raw(1)}), Instance("c")};
  all[2].shutdowns = 1;
  return all;
}

Confidence ConfidenceOf(const std::vector<Profile>& all, const JudgeOptions& options = kOneImage) {
  return Judge(all, CallSites::BuiltIn(), options).confidence;
}

void Approve(const ApprovedNeeds& approved, const std::string& digest, Judgement& judgement,
             const std::vector<Profile>& instances = {}) {
  const Judgement plain = judgement;
  ApplyApproval(approved, digest, instances, plain, judgement.confidence);
}

TEST(Completeness, SeveralStartsOfSeveralInstancesAndAnEndAreComplete) {
  const Confidence confidence = ConfidenceOf(ThreeStartsAndAnEnd());
  EXPECT_EQ(confidence.state, "complete") << testing::PrintToString(confidence.to_complete);
  EXPECT_THAT(confidence.to_complete, IsEmpty());
}

TEST(Completeness, NamesEachConditionThatIsOpen) {
  const Confidence one = Judged(Instance("a")).confidence;
  EXPECT_EQ(one.state, "stable");
  EXPECT_THAT(one.to_complete, ElementsAre("seen 1 start of 3", "seen starts of 1 instance of 2",
                                           "no shutdown seen yet"));
  std::vector<Profile> all = ThreeStartsAndAnEnd();
  all[2].shutdowns = 0;
  EXPECT_EQ(ConfidenceOf(all).state, "stable");
  EXPECT_THAT(ConfidenceOf(all).to_complete, ElementsAre("no shutdown seen yet"));
  all = ThreeStartsAndAnEnd();
  all[0].checks = Watched({Granted(CAP_CHOWN, "not_in_the_table", "chown").Times(30)}).checks;
  EXPECT_EQ(ConfidenceOf(all).state, "stable");
  EXPECT_THAT(ConfidenceOf(all).to_complete,
              ElementsAre(HasSubstr("at known call sites, of 95 %")));
}

TEST(Completeness, AnInstanceWhoseStartWasNotSeenDoesNotCount) {
  std::vector<Profile> all = {Instance("a"), Instance("b")};
  all[0].starts = 4;
  all[0].shutdowns = 3;
  all[1].starts = 0;
  all[1].container.from_start = false;
  EXPECT_THAT(ConfidenceOf(all).to_complete, ElementsAre("seen starts of 1 instance of 2"));
}

TEST(Completeness, ARestartedContainerOfDockerIsOneInstance) {
  std::vector<Profile> all = ThreeStartsAndAnEnd();
  for (Profile& life : all) {
    life.container.runtime = "docker";
    life.container.id = "a";
  }
  EXPECT_EQ(ConfidenceOf(all).state, "stable");
  EXPECT_THAT(ConfidenceOf(all).to_complete, ElementsAre("seen starts of 1 instance of 2"));
  all[2].container.id = "b";
  EXPECT_EQ(ConfidenceOf(all).state, "complete");
}

TEST(Completeness, AUnitHasOneInstance) {
  Profile unit = Instance("nginx.service");
  unit.container.kind = ContainerKind::kUnit;
  unit.starts = 3;
  unit.shutdowns = 2;
  EXPECT_EQ(Judged(unit).confidence.state, "complete");
}

TEST(Completeness, WhatIsEnoughIsASetting) {
  Profile one = Instance("a");
  one.shutdowns = 1;
  JudgeOptions options;
  options.complete = {.starts = 1, .instances = 1, .known_sites = 0};
  EXPECT_EQ(Judged(one, options).confidence.state, "complete");
}

TEST(Completeness, NewEvidenceWithdrawsItAndIsNamed) {
  std::vector<Profile> all = ThreeStartsAndAnEnd();
  all[1].checks[Check(CAP_KILL, true, "kill_ok_by_cred", "kill").evidence().key] =
      Granted(CAP_KILL, "kill_ok_by_cred", "kill")
          .Succeeded()
          .By("/bin/sh")
          .At(29 * kMinute)
          .evidence();
  const Confidence confidence = ConfidenceOf(all);
  EXPECT_EQ(confidence.state, "learning");
  EXPECT_THAT(confidence.open_conditions,
              Contains(HasSubstr("new a short time ago: KILL (kill_ok_by_cred, by /bin/sh)")));
  all[1].observed_until = 60 * kMinute;
  EXPECT_EQ(ConfidenceOf(all).state, "complete") << "and quiet again";
}

TEST(Completeness, OneInstanceNamesItsNewsAsWell) {
  Profile one = Instance("a", {Raw(29 * kMinute)});
  one.last_news = 29 * kMinute;
  EXPECT_THAT(Judged(one).confidence.open_conditions,
              Contains("something new was seen less than 10 m ago: NET_RAW (inet_create, by "
                       "/bin/ping)"));
}

TEST(Completeness, ALossWithdrawsIt) {
  std::vector<Profile> all = ThreeStartsAndAnEnd();
  all[0].losses["map-full"] = 1;
  EXPECT_EQ(ConfidenceOf(all).state, "learning");
}

TEST(Completeness, SaysWhatIsKnownOfReloads) {
  EXPECT_THAT(Judged(Instance("a", {Raw(1)})).confidence.reload, HasSubstr("reload it once"));
  Profile again = Instance("a", {Raw(1)});
  again.checks.begin()->second.last = 20 * kMinute;
  EXPECT_THAT(Judged(again).confidence.reload, HasSubstr("was used again later"));
  again.starts = 2;
  EXPECT_THAT(Judged(again).confidence.reload, HasSubstr("reload it once"))
      << "the later use may be that of the second start";
}

TEST(Completeness, APersonsWordMakesItCompleteUntilMoreIsNeeded) {
  const ApprovedNeeds approved{"alice (uid 1000)", kMinute, "sha256:a", CapabilitySet{CAP_NET_RAW}};
  Judgement judgement = Judged(Instance("a", {Raw(1)}));
  Approve(approved, "sha256:a", judgement);
  EXPECT_EQ(judgement.confidence.state, "complete");
  EXPECT_EQ(judgement.confidence.approved_by, "alice (uid 1000)");
  EXPECT_EQ(judgement.confidence.approved_at, kMinute);
  EXPECT_THAT(judgement.confidence.to_complete, IsEmpty());

  judgement =
      Judged(Instance("a", {Raw(1), Refused(CAP_CHOWN, "setattr_prepare", "chown").Failed(1)}));
  Approve(approved, "sha256:a", judgement);
  EXPECT_NE(judgement.confidence.state, "complete");
  EXPECT_EQ(judgement.confidence.approved_by, "");
}

TEST(Completeness, AnApprovalIsOfOneImageAndOfWhatWasNeededThen) {
  ApprovedNeeds approved{"alice", kMinute, "sha256:a", CapabilitySet{}};
  Judgement judgement = Judged(Instance("a", {Raw(1)}));
  Approve(approved, "sha256:a", judgement);
  EXPECT_EQ(judgement.confidence.state, "stable");
  EXPECT_EQ(judgement.confidence.to_complete.front(),
            "approved by alice at 1970-01-01 00:01:00 UTC, and needs NET_RAW since");
  judgement = Judged(Instance("a"));
  Approve(approved, "sha256:b", judgement);
  EXPECT_THAT(judgement.confidence.to_complete.front(), HasSubstr("for another image"));
  approved.needed.reset();
  judgement = Judged(Instance("a"));
  Approve(approved, "sha256:a", judgement);
  EXPECT_EQ(judgement.confidence.state, "stable");
  EXPECT_THAT(judgement.confidence.to_complete.front(), HasSubstr("approve it again"));
}

TEST(Completeness, AnApprovalOfAnUnknownImageIsOfTheInstancesThatRanThen) {
  const ApprovedNeeds approved{"alice", kMinute, "", CapabilitySet{CAP_NET_RAW}};
  Profile instance = Instance("a", {Raw(1)});
  instance.container.kind = ContainerKind::kContainer;
  instance.container.first_seen = 1;
  const auto state = [&](const std::string& digest) {
    Judgement judgement = Judged(instance);
    Approve(approved, digest, judgement, {instance});
    return judgement.confidence.state + ": " +
           (judgement.confidence.to_complete.empty() ? "" : judgement.confidence.to_complete[0]);
  };
  EXPECT_EQ(state(""), "complete: ");
  EXPECT_THAT(state("sha256:a"), HasSubstr("when its image was not known; approve it again"));
  instance.container.first_seen = 2 * kMinute;
  EXPECT_THAT(state(""),
              HasSubstr("an instance was started since of which the image is not known"));
  instance.container.kind = ContainerKind::kUnit;
  EXPECT_EQ(state(""), "complete: ") << "a unit has no image";
}

TEST(Completeness, WhatARequestAssumesIsNoEvidence) {
  const ApprovedNeeds approved{"alice", kMinute, "", CapabilitySet{CAP_NET_RAW}};
  Profile reset = Instance("a");
  reset.starts = 0;
  const Judgement plain = Judged(reset);
  Judgement assumed = Judged(reset, {.assume_unused = true});
  ASSERT_TRUE(assumed.recommendation.unknown.empty());
  ApplyApproval(approved, "", {}, plain, assumed.confidence);
  EXPECT_NE(assumed.confidence.state, "complete");
}

TEST(Completeness, NoWordMakesUpForEvidenceThatIsMissing) {
  const ApprovedNeeds approved{"alice", kMinute, "", CapabilitySet{CAP_NET_RAW}};
  const auto open = [&](const Profile& profile) {
    Judgement judgement = Judged(profile);
    Approve(approved, "", judgement);
    EXPECT_NE(judgement.confidence.state, "complete");
    return judgement.confidence.to_complete.empty() ? "" : judgement.confidence.to_complete.front();
  };
  Profile reset = Instance("a");
  reset.container.from_start = false;
  reset.starts = 0;
  EXPECT_THAT(open(reset), HasSubstr("it is unknown whether it needs them"));
  Profile lost = Instance("a", {Raw(1)});
  lost.losses["map-full"] = 1;
  EXPECT_THAT(open(lost), testing::AnyOf(HasSubstr("unknown"), HasSubstr("lost")));
  Profile gap = Instance("a", {Raw(1)});
  gap.gaps.push_back({2 * kMinute, 3 * kMinute, "capmond did not run"});
  EXPECT_THAT(open(gap), testing::AnyOf(HasSubstr("unknown"), HasSubstr("not watched")));
}

}  // namespace
}  // namespace capmon
