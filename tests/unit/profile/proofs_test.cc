// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/proofs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/imported.h"
#include "daemon/profile/judge_several.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr TimeNs kDay = 24LL * 3600 * kSecond;
constexpr char kImage[] = "sha256:a";
const CapabilitySet kGiven{CAP_CHOWN, CAP_NET_RAW, CAP_KILL};

Check Chowns(const std::string& program = "chown", uint32_t exe = 1) {
  return Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded().By(program, exe);
}
Check Pings() { return Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded().By("ping", 2); }

Profile Seen(const std::vector<Check>& checks, const std::string& digest = kImage) {
  Profile profile = Watched(checks, kGiven);
  profile.container.image_digest = digest;
  for (const Check& check : checks)
    profile.binaries[check.evidence().key.exe] = "/bin/" + check.evidence().binary;
  return profile;
}

Proof Unneeded(CapabilitySet keep = {CAP_NET_RAW}) {
  Proof proof;
  proof.finding = ProofFinding::kUnneeded;
  proof.reason = "the job was done without it, 3 times";
  proof.digest = kImage;
  proof.keep = keep;
  proof.uses = {"setattr_prepare chown /bin/chown"};
  proof.at = 365 * kDay;
  return proof;
}
Proof Needed(CapabilitySet keep = {CAP_NET_RAW}) {
  Proof proof = Unneeded(keep);
  proof.finding = ProofFinding::kNeeded;
  proof.reason = "the check failed";
  return proof;
}

Judgement With(const Proofs& proofs, const std::vector<Profile>& instances,
               const JudgeOptions& options = {}) {
  JudgeOptions own = options;
  own.one_image = instances.size() > 1;
  Judgement judgement = Judge(instances, CallSites::BuiltIn(), own);
  ApplyProofs(proofs, instances, own, judgement);
  return judgement;
}

void ExpectWithdrawn(const Judgement& judgement, const std::string& why) {
  EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_CHOWN));
  EXPECT_FALSE(judgement.recommendation.remove.Has(CAP_CHOWN));
  EXPECT_TRUE(judgement.recommendation.proven_unneeded.empty());
  const CapabilityVerdict row = RowOf(judgement, CAP_CHOWN);
  EXPECT_TRUE(row.keep);
  ASSERT_TRUE(row.proof.has_value());
  EXPECT_THAT(row.withdrawn, HasSubstr(why));
  EXPECT_THAT(row.reason,
              AllOf(HasSubstr("its proof of 1971-01-01 is withdrawn: "), HasSubstr(row.withdrawn)));
}

TEST(ProofsTest, AUseIsItsPlaceCallAndProgram) {
  const CapabilityVerdict row = RowOf(Judged(Seen({Chowns()})), CAP_CHOWN);
  EXPECT_THAT(row.uses, ElementsAre("setattr_prepare chown /bin/chown"));
  Profile nameless = Seen({Chowns("")});
  nameless.binaries.clear();
  EXPECT_THAT(RowOf(Judged(nameless), CAP_CHOWN).uses, ElementsAre("? setattr_prepare chown "));
  nameless.binaries[1] = "";  // several names, and no process was seen
  EXPECT_THAT(RowOf(Judged(nameless), CAP_CHOWN).uses,
              ElementsAre("? setattr_prepare chown a process"));
}

TEST(ProofsTest, WhatIsProvenUnneededIsRemoved) {
  const Judgement judgement = With({{CAP_CHOWN, Unneeded()}}, {Seen({Chowns(), Pings()})});
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_NET_RAW});
  EXPECT_TRUE(judgement.recommendation.remove.Has(CAP_CHOWN));
  EXPECT_EQ(judgement.recommendation.proven_unneeded, CapabilitySet{CAP_CHOWN});
  const CapabilityVerdict row = RowOf(judgement, CAP_CHOWN);
  EXPECT_FALSE(row.keep);
  EXPECT_EQ(row.withdrawn, "");
  EXPECT_EQ(row.reason, "proven unneeded 1971-01-01: the job was done without it, 3 times");
}

TEST(ProofsTest, WhatIsProvenNeededIsKept) {
  const Judgement by_evidence = With({{CAP_NET_RAW, Needed()}}, {Seen({Pings()})});
  EXPECT_TRUE(by_evidence.recommendation.keep.Has(CAP_NET_RAW));
  EXPECT_THAT(RowOf(by_evidence, CAP_NET_RAW).reason, HasSubstr("; proven 1971-01-01"));
  // Without a need in the evidence, held or not.
  for (const Capability capability : {CAP_KILL, CAP_SYS_PTRACE}) {
    const Judgement judgement = With({{capability, Needed({capability})}}, {Seen({})});
    EXPECT_TRUE(judgement.recommendation.keep.Has(capability));
    EXPECT_FALSE(judgement.recommendation.remove.Has(capability));
    const CapabilityVerdict row = RowOf(judgement, capability);
    EXPECT_EQ(row.verdict, Verdict::kRequired);
    EXPECT_EQ(row.reason, "proven 1971-01-01; without it: the check failed");
  }
}

TEST(ProofsTest, AnotherImageWithdraws) {
  const Proofs proofs = {{CAP_CHOWN, Unneeded()}};
  ExpectWithdrawn(With(proofs, {Seen({Chowns(), Pings()}, "sha256:b")}),
                  "it is about another image, sha256:a");
  ExpectWithdrawn(With(proofs, {Seen({Chowns(), Pings()}, "")}), "is not known");
  ExpectWithdrawn(With(proofs, {Seen({Chowns(), Pings()}), Seen({}, "")}), "is not known");
  const Judgement needed = With({{CAP_KILL, Needed({CAP_KILL})}}, {Seen({}, "sha256:b")});
  EXPECT_TRUE(needed.recommendation.remove.Has(CAP_KILL));
  EXPECT_THAT(RowOf(needed, CAP_KILL).withdrawn, HasSubstr("another image"));
}

TEST(ProofsTest, AnUntriedUseWithdraws) {
  const Proofs proofs = {{CAP_CHOWN, Unneeded()}};
  const char* const why = "it was used in a way that was not tried: ";
  // Another program, call or place; also in another instance.
  ExpectWithdrawn(With(proofs, {Seen({Chowns(), Pings(), Chowns("install", 3)})}),
                  std::string(why) + "setattr_prepare chown /bin/install");
  ExpectWithdrawn(
      With(proofs,
           {Seen({Chowns(), Pings(),
                  Granted(CAP_CHOWN, "setattr_prepare", "fchownat").Succeeded().By("chown")})}),
      why);
  ExpectWithdrawn(
      With(proofs,
           {Seen({Chowns(), Pings(), Granted(CAP_CHOWN, "somewhere", "chown").By("chown")})}),
      why);
  ExpectWithdrawn(With(proofs, {Seen({Chowns(), Pings()}), Seen({Chowns("install", 3)})}), why);
  // One of which the place is not known may be any.
  ExpectWithdrawn(
      With(proofs, {Seen({Chowns(), Pings(), Granted(CAP_CHOWN, "", "chown").By("chown")})}), why);
}

TEST(ProofsTest, ADenialOfATriedUseDoesNotWithdraw) {
  const Check denied = Refused(CAP_CHOWN, "setattr_prepare", "chown").Failed(EPERM).By("chown");
  const Proofs proofs = {{CAP_CHOWN, Unneeded()}};
  const Judgement judgement = With(proofs, {Seen({Chowns(), Pings(), denied})});
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_NET_RAW});
  EXPECT_EQ(RowOf(judgement, CAP_CHOWN).withdrawn, "");
  // Where it is removed already.
  Profile without = Seen({Pings(), denied});
  without.held->bounding = CapabilitySet{CAP_NET_RAW};
  const Judgement removed = With(proofs, {without});
  EXPECT_EQ(RowOf(removed, CAP_CHOWN).verdict, Verdict::kTried) << "not missing";
  EXPECT_FALSE(removed.recommendation.keep.Has(CAP_CHOWN));
  // An untried one does.
  const Check other = Refused(CAP_CHOWN, "setattr_prepare", "chown").Failed(EPERM).By("install", 3);
  ExpectWithdrawn(With(proofs, {Seen({Chowns(), Pings(), other})}), "/bin/install");
}

TEST(ProofsTest, AUseOfAnAlternativeIsOneOfWhatServesIt) {
  const Check reads = Granted(CAP_DAC_READ_SEARCH, "generic_permission", "openat").Succeeded();
  Profile profile = Seen({reads});
  profile.held->bounding = CapabilitySet{CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH};
  const Judgement judgement = Judged(profile);
  ASSERT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_DAC_OVERRIDE});
  EXPECT_THAT(RowOf(judgement, CAP_DAC_OVERRIDE).uses,
              ElementsAre("generic_permission openat /bin/program"));
}

TEST(ProofsTest, AnImportedNeedWithdraws) {
  for (const bool unknown : {false, true}) {
    const std::vector<Profile> instances = {Seen({Chowns(), Pings()})};
    Judgement judgement = Judge(instances, CallSites::BuiltIn());
    ImportedRows all;
    ImportedRow& row = all[{"w", kImage, "x"}];
    if (unknown)
      row.unknown.Add(CAP_CHOWN);
    else
      row.needs[CAP_CHOWN] = Verdict::kRequired;
    AddImported(RowsFor(all, "w", kImage), instances, {}, {}, judgement);
    ApplyProofs({{CAP_CHOWN, Unneeded()}}, instances, {}, judgement);
    ExpectWithdrawn(judgement, "an imported instance needs it, or may need it");
  }
}

TEST(ProofsTest, WhatTheEvidenceCannotShowIsNotSettled) {
  Profile unseen = Seen({Chowns(), Pings()});
  unseen.starts = 0;
  ExpectWithdrawn(With({{CAP_CHOWN, Unneeded()}}, {unseen}), "its start was not seen");
  Profile lossy = Seen({Chowns(), Pings()});
  lossy.losses["map-full"] = 1;
  ExpectWithdrawn(With({{CAP_CHOWN, Unneeded()}}, {lossy}), "was lost");
  // What is unknown stays so.
  Proof kill = Unneeded();
  kill.uses.clear();
  const Judgement judgement = With({{CAP_KILL, kill}}, {unseen});
  EXPECT_TRUE(judgement.recommendation.unknown.Has(CAP_KILL));
  // A person may assume otherwise.
  EXPECT_TRUE(With({{CAP_CHOWN, Unneeded()}}, {unseen}, {.assume_unused = true})
                  .recommendation.remove.Has(CAP_CHOWN));
}

TEST(ProofsTest, WhatTheRunsHadMustStillBeKept) {
  ExpectWithdrawn(With({{CAP_CHOWN, Unneeded()}}, {Seen({Chowns()})}),
                  "the job was done with NET_RAW, which is not kept now");
  // A proof of the other one keeps it.
  const Judgement judgement =
      With({{CAP_CHOWN, Unneeded()}, {CAP_NET_RAW, Needed()}}, {Seen({Chowns()})});
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_NET_RAW});
}

TEST(ProofsTest, TwoThatWereNeverTriedTogetherAreNotRemovedTogether) {
  Proof later = Unneeded({CAP_CHOWN});
  later.uses = {"inet_create socket /bin/ping"};
  later.at += kSecond;
  const Proofs proofs = {{CAP_CHOWN, Unneeded()}, {CAP_NET_RAW, later}};
  const Judgement judgement = With(proofs, {Seen({Chowns(), Pings()})});
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_CHOWN});
  EXPECT_THAT(RowOf(judgement, CAP_CHOWN).withdrawn, HasSubstr("CAP_NET_RAW was found unneeded"));
  // Later without the first one as well.
  Proof without = later;
  without.keep = {};
  EXPECT_TRUE(With({{CAP_CHOWN, Unneeded()}, {CAP_NET_RAW, without}}, {Seen({Chowns(), Pings()})})
                  .recommendation.keep.empty());
}

TEST(ProofsTest, WhatIsUndecidedChangesNothing) {
  Proof undecided = Unneeded();
  undecided.finding = ProofFinding::kUndecided;
  const Judgement judgement = With({{CAP_CHOWN, undecided}}, {Seen({Chowns(), Pings()})});
  EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_CHOWN));
  const CapabilityVerdict row = RowOf(judgement, CAP_CHOWN);
  EXPECT_TRUE(row.proof.has_value());
  EXPECT_EQ(row.reason, RowOf(Judged(Seen({Chowns(), Pings()})), CAP_CHOWN).reason);
}

TEST(ProofsTest, ADecisionIsReplacedOnlyByOne) {
  Proof undecided = Unneeded();
  undecided.finding = ProofFinding::kUndecided;
  EXPECT_FALSE(Replaces(undecided, Needed()));
  EXPECT_TRUE(Replaces(Needed(), Unneeded()));
  EXPECT_TRUE(Replaces(undecided, undecided));
  undecided.digest = "sha256:b";
  EXPECT_TRUE(Replaces(undecided, Needed())) << "of another image";
}

}  // namespace
}  // namespace capmon
