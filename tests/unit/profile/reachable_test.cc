// SPDX-License-Identifier: Apache-2.0
// What a container's programs can get: the basis of its risk.
#include "daemon/profile/reachable.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

namespace capmon {
namespace {

const CapabilitySet kDocker(0xa80425fb);

// User 33 as Docker starts it: an empty effective set below the default bounding set.
Profile OfUser(uint32_t uid) {
  Profile profile;
  profile.held = HeldSets{};
  profile.held->uid = uid;
  profile.held->bounding = kDocker;
  if (uid == 0) profile.held->permitted = profile.held->effective = kDocker;
  return profile;
}

void Gain(Profile& profile, const std::string& path, CapabilitySet gained, bool blocked = false) {
  profile.gains[path] = PrivilegeGain{path, "set-user-ID", gained, blocked, 1};
}

TEST(Reachable, IsTheBoundingSetForRoot) {
  EXPECT_EQ(Reachable(OfUser(0)), kDocker);
  Profile dropped = OfUser(0);  // the next exec raises it again
  dropped.held->permitted = dropped.held->effective = {};
  EXPECT_EQ(Reachable(dropped), kDocker);
}

TEST(Reachable, IsNothingForUser33ThatNothingRaises) {
  EXPECT_EQ(Reachable(OfUser(33)), CapabilitySet());
}

TEST(Reachable, IsRaisableByASetUserIdProgramThatWasNotExecuted) {
  Profile profile = OfUser(33);
  EXPECT_EQ(Raisable(profile), kDocker);
  Gain(profile, "/usr/bin/ping", {CAP_NET_RAW});
  EXPECT_EQ(Raisable(profile), kDocker - CapabilitySet({CAP_NET_RAW}));
  profile.held->no_new_privs = true;
  EXPECT_EQ(Raisable(profile), CapabilitySet());
  EXPECT_EQ(Raisable(OfUser(0)), CapabilitySet()) << "it has all already";
}

TEST(Reachable, IsWhatASetUserIdProgramAdds) {
  Profile profile = OfUser(33);
  Gain(profile, "/usr/bin/ping", {CAP_NET_RAW, CAP_SYS_ADMIN});
  EXPECT_EQ(Reachable(profile), CapabilitySet({CAP_NET_RAW})) << "never beyond the bounding set";
  Gain(profile, "/usr/bin/su", kDocker);
  EXPECT_EQ(Reachable(profile), kDocker);
}

TEST(Reachable, GrowsNoMoreUnderNoNewPrivileges) {
  Profile profile = OfUser(33);
  profile.held->no_new_privs = true;
  Gain(profile, "/usr/bin/su", kDocker);
  EXPECT_EQ(Reachable(profile), CapabilitySet());
  profile.held->permitted = {CAP_NET_BIND_SERVICE, CAP_SETUID};
  EXPECT_EQ(Reachable(profile), profile.held->permitted);
  profile = OfUser(33);
  Gain(profile, "/usr/bin/su", kDocker, /*blocked=*/true);
  EXPECT_EQ(Reachable(profile), CapabilitySet());
}

TEST(Reachable, IsTheBoundingSetForWhatCanBecomeRoot) {
  for (const Capability capability : {CAP_SETUID, CAP_SETFCAP}) {
    Profile profile = OfUser(33);
    profile.held->permitted = profile.held->effective = {capability};
    profile.held->ambient = {capability};
    EXPECT_EQ(Reachable(profile), kDocker) << CapabilityName(capability);
  }
  Profile harmless = OfUser(33);
  harmless.held->permitted = harmless.held->effective = {CAP_NET_BIND_SERVICE};
  EXPECT_EQ(Reachable(harmless), harmless.held->permitted);
}

TEST(Reachable, KnowsRootOfAUserNamespaceByItsEffectiveSet) {
  Profile profile = OfUser(100000);
  profile.held->userns_level = 1;
  EXPECT_EQ(Reachable(profile), CapabilitySet());
  profile.held->permitted = profile.held->effective = {CAP_CHOWN};
  EXPECT_EQ(Reachable(profile), kDocker);
}

TEST(Reachable, KnowsTheUserOfAUserNamespaceByItsMap) {
  Profile profile = OfUser(100000);
  profile.held->userns_level = 1;
  profile.user_map = {{0, 100000, 65536}};
  EXPECT_EQ(Reachable(profile), kDocker) << "the next exec gives user 0 what is bounding";
  profile.held->uid = 100033;
  EXPECT_EQ(Reachable(profile), CapabilitySet());
}

TEST(Reachable, IsEmptyWhereNothingIsKnown) { EXPECT_EQ(Reachable(Profile()), CapabilitySet()); }

}  // namespace
}  // namespace capmon
