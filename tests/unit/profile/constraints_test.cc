// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/constraints.h"

#include <gtest/gtest.h>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

Profile WithCapset(CapabilitySet asked, const std::string& program) {
  Profile profile = Watched({Granted(CAP_SETPCAP, "cap_capset", "capset").By(program).Succeeded()});
  profile.capset_permitted = asked;
  return profile;
}

TEST(Constraint, AListRequestedWithCapset) {
  const Profile profile = WithCapset({CAP_NET_BIND_SERVICE, CAP_SYS_TIME}, "chronyd");
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_NET_BIND_SERVICE, CAP_SYS_TIME}));
  EXPECT_EQ(RowOf(judgement, CAP_SYS_TIME).verdict, Verdict::kConstraint);
}

TEST(Constraint, NotForProgramsThatRequestOnlyWhatTheyHave) {
  EXPECT_TRUE(Judged(WithCapset({CAP_NET_RAW, CAP_NET_ADMIN}, "ping")).recommendation.keep.empty());
}

TEST(Constraint, CapabilitiesOfAFile) {
  Profile profile = Watched({});
  profile.gains["x"] = {"/usr/bin/ping", "file capabilities", {CAP_NET_RAW}, false, 1};
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_NET_RAW}));
  EXPECT_EQ(RowOf(judgement, CAP_NET_RAW).verdict, Verdict::kConstraint);
  profile.gains["x"].blocked = true;
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
}

TEST(Constraint, TheRuntimesOwnCapsetDoesNotCount) {
  Profile profile = WithCapset({CAP_NET_RAW, CAP_NET_ADMIN}, "ping");
  CheckEvidence runtime = Granted(CAP_SETPCAP, "cap_capset", "capset").By("runc", 9).evidence();
  runtime.key.exe_origin = ExeOrigin::kHost;
  profile.checks[runtime.key] = runtime;
  EXPECT_TRUE(Judged(profile).recommendation.keep.empty());
}

CheckEvidence MapsIds(uint32_t uid) {
  CheckEvidence evidence =
      Granted(CAP_SYS_ADMIN, "map_write", "write").By("unshare").Succeeded().evidence();
  evidence.key.target_level = 1;
  evidence.uid = uid;
  evidence.pid = 5;
  return evidence;
}

TEST(Constraint, User0MappingItselfIntoItsOwnNamespace) {
  Profile profile = Watched({});
  const CheckEvidence by_root = MapsIds(0);
  profile.checks[by_root.key] = by_root;
  EXPECT_EQ(RowOf(Judged(profile), CAP_SETFCAP).verdict, Verdict::kConstraint);
  profile.checks[by_root.key] = MapsIds(1000);
  EXPECT_FALSE(Judged(profile).recommendation.keep.Has(CAP_SETFCAP));
}

TEST(Constraint, EnteringAnotherProcessesNamespaces) {
  const Judgement judgement =
      Judged(Watched({Granted(CAP_SYS_ADMIN, "netns_install", "setns").Succeeded()}));
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_SYS_ADMIN, CAP_SYS_PTRACE}));
  EXPECT_EQ(RowOf(judgement, CAP_SYS_PTRACE).verdict, Verdict::kConstraint);
}

TEST(Constraint, DoesNotHideAStrongerVerdict) {
  Profile profile = WithCapset({CAP_NET_RAW}, "daemon");
  const CheckEvidence use = Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded().evidence();
  profile.checks[use.key] = use;
  EXPECT_EQ(RowOf(Judged(profile), CAP_NET_RAW).verdict, Verdict::kRequired);
}

}  // namespace
}  // namespace capmon
