// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/proofs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/imported.h"
#include "tests/unit/profile/proof_builder.h"

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST(ProofsTest, TheOrderIsThatOfRecordingAndNotOfTheClock) {
  const std::vector<Profile> instances = {Seen({Chowns(), Pings()})};
  Proof chown = Unneeded(), raw = Unneeded({CAP_CHOWN});
  raw.uses = {"inet_create socket /bin/ping"};
  // Of two at one time each may be the later one: neither was tried without the other.
  EXPECT_EQ(With({{CAP_CHOWN, chown}, {CAP_NET_RAW, raw}}, instances).recommendation.keep,
            (CapabilitySet{CAP_CHOWN, CAP_NET_RAW}));
  chown.sequence = 1;
  raw.sequence = 2;
  chown.at += kDay;  // the clock was set back since
  EXPECT_EQ(With({{CAP_CHOWN, chown}, {CAP_NET_RAW, raw}}, instances).recommendation.keep,
            CapabilitySet{CAP_CHOWN});
}

// Whatever holds together, the job was done with a part of what is kept, without all that is
// removed.
TEST(ProofsTest, OfThreeThatTouchEachOtherARunHadNoneOfThoseRemoved) {
  const Check kills =
      Granted(CAP_KILL, "check_kill_permission", "kill").Succeeded().By("server", 3);
  const std::vector<Profile> instances = {Seen({Chowns(), Pings(), kills})};
  const std::map<Capability, std::string> uses = {
      {CAP_CHOWN, "setattr_prepare chown /bin/chown"},
      {CAP_NET_RAW, "inet_create socket /bin/ping"},
      {CAP_KILL, "check_kill_permission kill /bin/server"}};
  const std::vector<Capability> all = {CAP_CHOWN, CAP_NET_RAW, CAP_KILL};
  for (unsigned sets = 0; sets < 512; ++sets) {
    Proofs proofs;
    for (size_t i = 0; i < all.size(); ++i) {
      Proof& proof = proofs[all[i]] = Unneeded({});
      for (size_t j = 0; j < all.size(); ++j)
        if (i != j && (sets >> (3 * i + j) & 1) != 0) proof.keep.Add(all[j]);
      proof.uses = {uses.at(all[i])};
      proof.sequence = i + 1;
    }
    const Recommendation advice = With(proofs, instances).recommendation;
    if (advice.proven_unneeded.empty()) continue;
    EXPECT_TRUE(std::ranges::any_of(proofs, [&](const auto& one) {
      const auto& [capability, proof] = one;
      return advice.proven_unneeded.Has(capability) && (proof.keep - advice.keep).empty() &&
             (proof.keep & advice.proven_unneeded).empty();
    })) << sets;
  }
}

TEST(ProofsTest, ANeedIsKeptWhereOneInstanceMayHaveThatImage) {
  const Proofs proofs = {{CAP_KILL, Needed({CAP_KILL})}};
  EXPECT_TRUE(With(proofs, {Seen({}, "")}).recommendation.keep.Has(CAP_KILL));
  EXPECT_TRUE(With(proofs, {Seen({}, "sha256:b"), Seen({})}).recommendation.keep.Has(CAP_KILL));
  EXPECT_FALSE(With(proofs, {Seen({}, "sha256:b")}).recommendation.keep.Has(CAP_KILL));
}

TEST(ProofsTest, AnOldProofHoldsOnlyAsANeed) {
  Proof unneeded = Unneeded(), needed = Needed({CAP_KILL});
  unneeded.conditions.clear();
  needed.conditions.clear();
  ExpectWithdrawn(With({{CAP_CHOWN, unneeded}}, {Seen({Chowns(), Pings()})}),
                  "whether it was tried with this command line is not known");
  EXPECT_TRUE(With({{CAP_KILL, needed}}, {Seen({})}).recommendation.keep.Has(CAP_KILL));
}

TEST(ProofsTest, WhatAllInstancesWithdrawDoesNotHoldForOne) {
  const Proofs proofs = {{CAP_CHOWN, Unneeded()}};
  const std::vector<Profile> one = {Seen({Chowns(), Pings()})};
  Judgement all = With(proofs, {one[0], Seen({Chowns("install", 3)})});
  ASSERT_TRUE(WithdrawnIn(all).contains(CAP_CHOWN));
  Judgement judgement = Judge(one, CallSites::BuiltIn());
  ApplyProofs(proofs, one, {}, judgement, WithdrawnIn(all));
  ExpectWithdrawn(judgement, "/bin/install");
  // A need is kept all the same.
  judgement = Judge(one, CallSites::BuiltIn());
  ApplyProofs({{CAP_KILL, Needed({CAP_KILL})}}, one, {}, judgement, {{CAP_KILL, "elsewhere"}});
  EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_KILL));
}

}  // namespace
}  // namespace capmon
