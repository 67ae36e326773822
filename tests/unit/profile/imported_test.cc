// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/imported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ImportedRow Row(std::map<Capability, Verdict> needs, CapabilitySet unknown = {},
                CapabilitySet unneeded = {}, CapabilitySet denied = {}) {
  ImportedRow row;
  row.observed = 100;
  row.needs = std::move(needs);
  row.unknown = unknown;
  row.unneeded = unneeded;
  row.denied = denied;
  row.no_new_privileges = row.non_root = Advice::kSafe;
  return row;
}

Judgement WithAll(const std::vector<Profile>& instances, const ImportedRows& all,
                  const JudgeOptions& options = {}) {
  Judgement judgement = instances.empty() ? Judgement() : Judged(instances.front(), options);
  SeenHere seen;
  for (const Profile& profile : instances) seen.Add(profile.container, profile.folded);
  AddImported(RowsFor(all, "w", ""), instances, seen, options, judgement);
  return judgement;
}

// Each row is of an instance of its own.
Judgement With(const std::vector<Profile>& instances, const std::vector<ImportedRow>& rows,
               const JudgeOptions& options = {}) {
  ImportedRows all;
  for (const ImportedRow& row : rows) all[{"w", "", std::to_string(all.size())}] = row;
  return WithAll(instances, all, options);
}

const CapabilitySet kHeld3{CAP_CHOWN, CAP_NET_RAW, CAP_KILL};

TEST(Imported, ANeedElsewhereIsKeptHere) {
  const Judgement judgement =
      With({Watched({}, kHeld3)}, {Row({{CAP_NET_RAW, Verdict::kRequired}}), Row({})});
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_NET_RAW});
  EXPECT_FALSE(judgement.recommendation.remove.Has(CAP_NET_RAW));
  EXPECT_TRUE(judgement.recommendation.remove.Has(CAP_KILL)) << "shown unneeded here";
  const CapabilityVerdict row = RowOf(judgement, CAP_NET_RAW);
  EXPECT_EQ(row.verdict, Verdict::kRequired);
  EXPECT_EQ(row.reason, "needed by 1 of 2 imported instances");
  EXPECT_EQ(row.instances_used, 0u) << "counted apart";
  EXPECT_EQ(row.imported_used, 1u);
  EXPECT_EQ(judgement.instances, 1u);
  EXPECT_EQ(judgement.imported, 2u);
}

TEST(Imported, NothingIsUnneededByAFileAlone) {
  Profile unseen = Watched({}, kHeld3);
  unseen.starts = 0;
  const Judgement before = Judged(unseen);
  EXPECT_EQ(before.recommendation.unknown, kHeld3);
  const Judgement judgement = With({unseen}, {Row({}, {}, kHeld3), Row({}, {}, kHeld3)});
  EXPECT_EQ(judgement.recommendation.unknown, kHeld3);
  EXPECT_TRUE(judgement.recommendation.remove.empty());
  EXPECT_EQ(judgement.confidence.state, before.confidence.state);
}

TEST(Imported, WhatIsUnknownThereAndNeededNowhereIsUnknown) {
  const Judgement judgement =
      With({Watched({}, kHeld3)}, {Row({{CAP_KILL, Verdict::kRequired}}, {CAP_CHOWN, CAP_KILL})});
  EXPECT_EQ(judgement.recommendation.unknown, CapabilitySet{CAP_CHOWN});
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_KILL});
  EXPECT_NE(judgement.recommendation.unknown_reason, "");
  EXPECT_EQ(RowOf(judgement, CAP_CHOWN).verdict, Verdict::kUnknown);
  const Judgement assumed =
      With({Watched({}, kHeld3)}, {Row({}, {CAP_CHOWN})}, {.assume_unused = true});
  EXPECT_TRUE(assumed.recommendation.remove.Has(CAP_CHOWN));
}

TEST(Imported, ADenialElsewhereIsShown) {
  const Judgement judgement =
      With({Watched({}, CapabilitySet{})}, {Row({}, {}, {}, {CAP_SYS_ADMIN})});
  EXPECT_EQ(RowOf(judgement, CAP_SYS_ADMIN).verdict, Verdict::kMissing);
  EXPECT_TRUE(judgement.recommendation.keep.empty());
}

TEST(Imported, ADeclaredNeedIsNoInstance) {
  ImportedRow declared = Row({{CAP_KILL, Verdict::kRequired}});
  declared.declared = true;
  declared.non_root = Advice::kUnsafe;
  const Judgement judgement = With({Watched({}, kHeld3)}, {declared});
  EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_KILL));
  EXPECT_EQ(judgement.imported, 0u);
  EXPECT_EQ(RowOf(judgement, CAP_KILL).reason, "declared by hand in an imported file");
  EXPECT_EQ(judgement.recommendation.non_root, Judged(Watched({}, kHeld3)).recommendation.non_root);
}

TEST(Imported, UnsafeElsewhereIsUnsafeHere) {
  ImportedRow row = Row({});
  row.no_new_privileges = Advice::kUnsafe;
  EXPECT_EQ(With({Watched({}, kHeld3)}, {row}).recommendation.no_new_privileges, Advice::kUnsafe);
  EXPECT_EQ(With({}, {Row({}), row}).recommendation.no_new_privileges, Advice::kUnsafe);
  EXPECT_EQ(With({}, {Row({})}).recommendation.no_new_privileges, Advice::kSafe);
}

TEST(Imported, WithoutInstancesTheFileIsAllThereIs) {
  const Judgement judgement =
      With({}, {Row({{CAP_KILL, Verdict::kRequired}}, {CAP_CHOWN}, {CAP_NET_RAW}),
                Row({}, {}, {CAP_NET_RAW, CAP_KILL})});
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet{CAP_KILL});
  EXPECT_EQ(judgement.recommendation.unknown, CapabilitySet{CAP_CHOWN});
  EXPECT_EQ(judgement.recommendation.remove, CapabilitySet{CAP_NET_RAW});
  EXPECT_EQ(judgement.instances, 0u);
}

TEST(Imported, WarnsOfLossesAndOtherSurroundings) {
  Profile here = Watched({}, kHeld3);
  here.surroundings = {{"net.ipv4.ip_unprivileged_port_start", "1024"}};
  ImportedRow row = Row({});
  row.surroundings = {{"net.ipv4.ip_unprivileged_port_start", "0"}};
  row.lost = 4;
  const auto warnings = With({here}, {row}).recommendation.warnings;
  EXPECT_THAT(warnings, Contains(HasSubstr("different net.ipv4.ip_unprivileged_port_start")));
  EXPECT_THAT(warnings, Contains(HasSubstr("lost 4")));
}

TEST(Imported, OnlyDegradingNeedsGoWithStrictMinimal) {
  const std::vector<ImportedRow> rows = {Row({{CAP_KILL, Verdict::kDegrades}})};
  EXPECT_TRUE(With({Watched({}, kHeld3)}, rows).recommendation.keep.Has(CAP_KILL));
  EXPECT_FALSE(With({Watched({}, kHeld3)}, rows, {.strict_minimal = true})
                   .recommendation.keep.Has(CAP_KILL));
}

TEST(Imported, RowsAreOfOneImageWhereItIsKnown) {
  ImportedRows all;
  all[{"a", "sha256:1", "x"}] = all[{"a", "sha256:2", "y"}] = all[{"a", "", "z"}] = Row({});
  all[{"ab", "sha256:1", "x"}] = Row({});
  EXPECT_THAT(RowsFor(all, "a", "sha256:1"), SizeIs(2));
  EXPECT_THAT(RowsFor(all, "a", ""), SizeIs(3));
  EXPECT_THAT(RowsFor(all, "b", ""), IsEmpty());
}

ImportedRow United(ImportedRow a, const ImportedRow& b) {
  Unite(b, a);
  return a;
}

// An export after `capmon reset`, or a file that was edited.
TEST(Imported, ALongerRowOfAnInstanceLosesNoNeed) {
  ImportedRow brief = Row({{CAP_KILL, Verdict::kRequired}}, {CAP_CHOWN}, {}, {CAP_SYS_ADMIN});
  brief.non_root = Advice::kUnsafe;
  brief.lost = 4;
  ImportedRow lengthy = Row({}, {}, {CAP_KILL, CAP_CHOWN, CAP_NET_RAW});
  lengthy.observed = 200;
  for (const ImportedRow& all : {United(brief, lengthy), United(lengthy, brief)}) {
    EXPECT_EQ(all.needs, brief.needs);
    EXPECT_EQ(all.unknown, CapabilitySet{CAP_CHOWN});
    EXPECT_EQ(all.denied, CapabilitySet{CAP_SYS_ADMIN});
    EXPECT_EQ(all.unneeded, CapabilitySet{CAP_NET_RAW});
    EXPECT_EQ(all.non_root, Advice::kUnsafe);
    EXPECT_EQ(all.lost, 4u);
    EXPECT_EQ(all.observed, 200);
  }
  EXPECT_FALSE(Unite(brief, brief)) << "importing twice changes nothing";
}

// An export that comes back, also after the instance was folded.
TEST(Imported, AnInstanceThatWasSeenHereCountsOnce) {
  Profile here = Watched({}, kHeld3);
  here.container.id = "5f0c";
  here.container.first_seen = 1769860800 * kSecond;
  const std::string name = NameInFile(here.container);
  EXPECT_EQ(name, "5f0c 2026-01-31T12:00:00Z");
  const ImportedRow row = Row({{CAP_KILL, Verdict::kRequired}});
  ImportedRows all = {{{"w", "", name}, row}, {{"w", "sha256:a", name}, row}};
  const auto check = [&](const Profile& profile, uint64_t others) {
    const Judgement judgement = WithAll({profile}, all);
    EXPECT_EQ(judgement.imported, others);
    EXPECT_EQ(RowOf(judgement, CAP_KILL).imported_used, others);
    EXPECT_TRUE(judgement.recommendation.keep.Has(CAP_KILL))
        << "its evidence may have been deleted";
  };
  check(here, 0);
  EXPECT_EQ(RowOf(WithAll({here}, all), CAP_KILL).reason,
            "needed by an instance seen here, by an imported file");
  Profile folded = here;
  folded.container.id = "newest";
  folded.folded.instances = 2;
  check(folded, 1);
  NoteFolded(here.container, folded.folded);
  check(folded, 0);
  all = {{{"w", "", "folded-up-to-" + name}, row}};
  check(folded, 0);
  all = {{{"w", "", "7777 2026-01-31T12:00:00Z"}, row},
         {{"w", "sha256:a", "7777 2026-01-31T12:00:00Z"}, row}};
  check(here, 1);
}

TEST(Imported, OnlyTheNewestFoldedInstancesAreRemembered) {
  Folded folded;
  Container container;
  for (size_t i = 0; i < Folded::kMaxIds + 3; ++i) {
    container.id = std::to_string(i);
    NoteFolded(container, folded);
  }
  folded.instances = 1;
  SeenHere seen;
  seen.Add(container, folded);
  EXPECT_EQ(folded.ids.size(), Folded::kMaxIds);
  EXPECT_FALSE(seen.Has("2"));
  EXPECT_TRUE(seen.Has("3"));
}

class RandomRows {
 public:
  ImportedRow Next() {
    ImportedRow row;
    row.observed = Below(3);
    row.stable = Below(2) == 0;
    row.declared = Below(4) == 0;
    row.starts = static_cast<uint64_t>(Below(2));
    row.lost = static_cast<uint64_t>(Below(2));
    row.no_new_privileges = static_cast<Advice>(Below(3));
    row.non_root = static_cast<Advice>(Below(3));
    const char* const values[] = {"0", "80", "1024"};
    if (Below(2) == 0) row.surroundings["net.ipv4.ip_unprivileged_port_start"] = values[Below(3)];
    for (int i = 0; i < Below(30); ++i) row.surroundings[std::to_string(Below(30))] = "x";
    for (const Capability c : {CAP_CHOWN, CAP_KILL, CAP_NET_RAW, CAP_SYS_ADMIN}) {
      if (Below(4) == 0) row.needs[c] = Below(2) == 0 ? Verdict::kRequired : Verdict::kConditional;
      if (Below(3) == 0) row.unknown.Add(c);
      if (Below(3) == 0) row.unneeded.Add(c);
      if (Below(4) == 0) row.denied.Add(c);
    }
    KeepStrongest(row);
    return row;
  }

 private:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  std::mt19937 engine_{12};
};

TEST(Imported, UnitingRowsOfOneInstanceIsAssociativeCommutativeAndIdempotent) {
  RandomRows random;
  for (int i = 0; i < 10'000; ++i) {
    const ImportedRow a = random.Next(), b = random.Next(), c = random.Next();
    ASSERT_EQ(United(a, b), United(b, a));
    ASSERT_EQ(United(United(a, b), c), United(a, United(b, c)));
    ASSERT_EQ(United(a, a), a);
    ASSERT_EQ(United(United(a, b), b), United(a, b));
    for (const auto& [capability, verdict] : a.needs)
      ASSERT_LE(United(a, b).needs.at(capability), verdict);
  }
}

TEST(Imported, LossesThatWouldWrapAroundAreSaid) {
  ImportedRow row = Row({}, {}, {CAP_KILL});
  row.lost = uint64_t{1} << 63;
  EXPECT_THAT(With({}, {row, row}).recommendation.warnings, Contains(HasSubstr("lost")));
}

TEST(Imported, AVerdictThatIsNoneIsANeed) {
  const Judgement judgement =
      With({Watched({}, kHeld3)}, {Row({{CAP_KILL, static_cast<Verdict>(99)}})});
  EXPECT_EQ(RowOf(judgement, CAP_KILL).verdict, Verdict::kRequired);
}

TEST(Imported, WhatWasDeniedElsewhereIsNotRemoved) {
  const Judgement judgement = With({Watched({}, kHeld3)}, {Row({}, {}, {}, {CAP_NET_RAW})});
  EXPECT_FALSE(judgement.recommendation.remove.Has(CAP_NET_RAW));
  EXPECT_EQ(RowOf(judgement, CAP_NET_RAW).reason, "denied to 1 of 1 imported instance");
}

TEST(Imported, OfADeclaredNeedAloneNothingIsSafe) {
  ImportedRow declared = Row({{CAP_KILL, Verdict::kRequired}});
  declared.declared = true;
  const Recommendation advice = With({}, {declared}).recommendation;
  EXPECT_EQ(advice.no_new_privileges, Advice::kUnknown);
  EXPECT_EQ(advice.non_root, Advice::kUnknown);
  EXPECT_EQ(advice.keep, CapabilitySet{CAP_KILL});
}

}  // namespace
}  // namespace capmon
