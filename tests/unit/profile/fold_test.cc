// SPDX-License-Identifier: Apache-2.0
// A need seen once stays known, whatever becomes of the instance it was seen in.
#include "daemon/profile/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/judge_several.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Profile Instance(const std::string& key, const std::vector<Check>& checks) {
  Profile profile = Watched(checks);
  profile.container.key = key;
  profile.observed_from = 10;
  profile.observed_until = 20;
  return profile;
}
Check Raw(uint32_t exe, const std::string& path = "/bin/ping") {
  return Granted(CAP_NET_RAW, "inet_create", "socket").By(path, exe).Succeeded();
}
Profile Folded(const std::vector<Profile>& instances) {
  Profile into;
  into.container.key = "folded";
  for (const Profile& instance : instances) Fold(instance, CallSites::BuiltIn(), into);
  return into;
}

TEST(Fold, NeedsStayAndTheirUsersAreCounted) {
  const Profile folded =
      Folded({Instance("a", {Raw(7)}), Instance("b", {}),
              Instance("c", {Raw(8), Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded()})});
  EXPECT_EQ(folded.container.key, "folded");
  EXPECT_EQ(folded.folded.instances, 3u);
  EXPECT_EQ(folded.folded.users,
            (std::map<Capability, uint64_t>{{CAP_CHOWN, 1}, {CAP_NET_RAW, 2}}));
  const Judgement judgement = Judged(folded);
  EXPECT_EQ(judgement.instances, 3u);
  EXPECT_EQ(RowOf(judgement, CAP_NET_RAW).instances_used, 2u);
  EXPECT_EQ(judgement.recommendation.keep, (CapabilitySet{CAP_CHOWN, CAP_NET_RAW}));
}

TEST(Fold, AProgramIsItsPath) {
  const Profile same = Folded({Instance("a", {Raw(7)}), Instance("b", {Raw(8)})});
  ASSERT_THAT(same.checks, SizeIs(1));
  EXPECT_EQ(same.checks.begin()->second.counts.count, 2u);
  const Profile two = Folded({Instance("a", {Raw(7)}), Instance("b", {Raw(7, "/bin/nc")})});
  EXPECT_THAT(two.checks, SizeIs(2)) << "one number, two programs";
  EXPECT_THAT(RowOf(Judged(two), CAP_NET_RAW).binaries, ElementsAre("/bin/nc", "/bin/ping"));
}

TEST(Fold, WhatInstancesWereStartedWithIsKnownWhereItIsTheSame) {
  Profile one = Instance("a", {});
  one.entry_arguments = 7;
  one.container.command = "c0ffee";
  Profile other = one;
  EXPECT_EQ(Folded({one, other}).entry_arguments, 7u);
  EXPECT_EQ(Folded({one, other}).container.command, "c0ffee");
  other.entry_arguments = 8;
  other.container.command = "decaf";
  for (const auto& instances : {std::vector{one, other}, std::vector{one, other, one}}) {
    EXPECT_EQ(Folded(instances).entry_arguments, 0u);
    EXPECT_EQ(Folded(instances).container.command, "");
  }
  other = one;
  other.held->path = "/bin/other";
  EXPECT_EQ(Folded({one, other}).entry_arguments, 0u);
}

TEST(Fold, WhatCallsForNothingGoes) {
  const Profile folded = Folded({Instance("a", {Overcommit(true)})});
  EXPECT_THAT(folded.checks, IsEmpty());
  EXPECT_EQ(folded.evidence_dropped, 0u);
}

TEST(Fold, WhatFindsNoRoomIsCounted) {
  std::vector<Check> many;
  for (uint32_t i = 0; i < kMaxFoldedChecks + 5; ++i)
    many.push_back(Granted(CAP_NET_RAW, "somewhere_" + std::to_string(i), "socket").Succeeded());
  const Profile folded = Folded({Instance("a", many)});
  EXPECT_THAT(folded.checks, SizeIs(kMaxFoldedChecks));
  EXPECT_EQ(folded.evidence_dropped, 5u);
}

TEST(Fold, TwoShortLooksAreNoLongOne) {
  Profile late = Instance("b", {});
  late.observed_from = 1000;
  late.observed_until = 1015;
  const Profile folded = Folded({Instance("a", {}), late});
  EXPECT_EQ(folded.observed_until - folded.observed_from, 15);
  EXPECT_EQ(folded.starts, 2u);
}

TEST(Fold, ALossStaysOne) {
  Profile losing = Instance("a", {});
  losing.losses["map-full"] = 3;
  const Profile folded = Folded({losing, Instance("b", {})});
  EXPECT_FALSE(Judged(folded).recommendation.unknown.empty());
  EXPECT_EQ(Judged(folded).confidence.lost, 3u);
}

TEST(Fold, WhatDecidesTheMeaningOfEvidenceTellsInstancesApart) {
  const Profile plain = Instance("a", {});
  EXPECT_EQ(JudgingFacts(plain), JudgingFacts(Instance("b", {Raw(7)})));
  Profile level = plain, sets = plain, ports = plain, filter = plain;
  level.held->userns_level = 1;
  sets.held->bounding = CapabilitySet{CAP_CHOWN};
  ports.surroundings["net.ipv4.ip_unprivileged_port_start"] = "0";
  filter.container.filter = CallFilter{true, 1};
  for (const Profile& other : {level, sets, ports, filter})
    EXPECT_NE(JudgingFacts(plain), JudgingFacts(other));
}

}  // namespace
}  // namespace capmon
