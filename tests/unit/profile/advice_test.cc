// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Recommendation Advised(const Profile& profile) { return Judged(profile).recommendation; }

Profile WithGain(std::string how, bool blocked = false) {
  Profile profile = Watched({});
  profile.gains["x"] = {"/usr/bin/sudo", std::move(how), {CAP_CHOWN}, blocked, 1};
  return profile;
}

TEST(NoNewPrivileges, SafeAfterAStartWithoutGains) {
  EXPECT_EQ(Advised(Watched({})).no_new_privileges, Advice::kSafe);
}

TEST(NoNewPrivileges, UnsafeForGainsItWouldTakeAway) {
  EXPECT_EQ(Advised(WithGain("set-user-ID")).no_new_privileges, Advice::kUnsafe);
  EXPECT_EQ(Advised(WithGain("file capabilities")).no_new_privileges, Advice::kUnsafe);
  EXPECT_THAT(Advised(WithGain("set-user-ID")).no_new_privileges_reason,
              HasSubstr("/usr/bin/sudo"));
}

TEST(NoNewPrivileges, SafeForGainsThatDoNotDependOnIt) {
  EXPECT_EQ(Advised(WithGain("root re-gain")).no_new_privileges, Advice::kSafe);
  EXPECT_EQ(Advised(WithGain("set-user-ID", true)).no_new_privileges, Advice::kSafe);
}

// The kernel gives user 0 its bounding set back at an exec, but not under no_new_privs.
TEST(NoNewPrivileges, UnsafeWhereUser0RegainsWhatIsNeeded) {
  Profile profile = Watched({Granted(CAP_CHOWN, "setattr_prepare", "chown").Succeeded()});
  profile.gains["x"] = {"/bin/helper", "root re-gain", {CAP_CHOWN, CAP_KILL}, false, 1};
  EXPECT_EQ(Advised(profile).no_new_privileges, Advice::kUnsafe);
  EXPECT_THAT(Advised(profile).no_new_privileges_reason, HasSubstr("/bin/helper regains CHOWN,"));
  profile.gains["x"].gained = {CAP_KILL};  // nothing uses it
  EXPECT_EQ(Advised(profile).no_new_privileges, Advice::kSafe);
}

TEST(NoNewPrivileges, UnknownWithoutAStart) {
  Profile profile = Watched({});
  profile.starts = 0;
  EXPECT_EQ(Advised(profile).no_new_privileges, Advice::kUnknown);
  profile.held->no_new_privs = true;  // of a process that was found running: others may not have it
  EXPECT_EQ(Advised(profile).no_new_privileges, Advice::kUnknown);
  profile.held->source = "oci";
  EXPECT_EQ(Advised(profile).no_new_privileges, Advice::kSafe);
}

TEST(NonRoot, UnsafeWhenRootUsesCapabilities) {
  const Recommendation advice =
      Advised(Watched({Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded()}));
  EXPECT_EQ(advice.non_root, Advice::kUnsafe);
  EXPECT_THAT(advice.non_root_reason, HasSubstr("NET_RAW"));
  EXPECT_THAT(advice.non_root_reason, HasSubstr("ambient"));
}

TEST(NonRoot, SafeWhenItIsNotRootAlready) {
  Profile profile = Watched({});
  profile.held->uid = 1000;
  EXPECT_EQ(Advised(profile).non_root, Advice::kSafe);
}

// A server that has dropped root by now.
TEST(NonRoot, NotSafeBecauseAProcessThatWasFoundIsNotRoot) {
  Profile profile = Watched({});
  profile.held->uid = 999;
  profile.starts = 0;
  EXPECT_EQ(Advised(profile).non_root, Advice::kUnknown);
  profile.held->source = "oci";
  EXPECT_EQ(Advised(profile).non_root, Advice::kSafe);
}

TEST(NonRoot, RootInAUserNamespaceIsRootWhateverItsNumberOutside) {
  Profile profile = Watched({Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded()});
  profile.held->uid = 100000;
  profile.held->userns_level = 1;
  profile.held->effective = {CAP_CHOWN, CAP_NET_RAW};
  profile.held->ambient = {};
  EXPECT_EQ(Advised(profile).non_root, Advice::kUnsafe);
  profile.held->ambient = profile.held->effective;  // every user can have these after an exec
  EXPECT_EQ(Advised(profile).non_root, Advice::kUnknown);
  profile.held->effective = profile.held->ambient = {};
  EXPECT_EQ(Advised(profile).non_root, Advice::kUnknown);
  EXPECT_THAT(Advised(profile).non_root_reason, HasSubstr("its user inside is not known"));
}

TEST(NonRoot, TheMapOfItsUserNamespaceShowsItsUser) {
  Profile profile = Watched({});
  profile.held->userns_level = 1;
  profile.held->effective = profile.held->ambient = {};
  profile.user_map = {{0, 100000, 1000}, {1000, 300000, 1}};
  profile.held->uid = 100033;
  EXPECT_EQ(Advised(profile).non_root, Advice::kSafe);
  EXPECT_EQ(Advised(profile).non_root_reason, "it starts as user 33 already");
  profile.held->uid = 300000;
  EXPECT_EQ(Advised(profile).non_root_reason, "it starts as user 1000 already");
  profile.held->uid = 5;  // in no line: the kernel shows the overflow id
  EXPECT_EQ(Advised(profile).non_root_reason, "it starts as user 65534 already");
  profile.held->uid = 100000;  // without any effective capability, but user 0
  EXPECT_EQ(Advised(profile).non_root, Advice::kUnknown);
  EXPECT_THAT(Advised(profile).non_root_reason, HasSubstr("only because it is user 0"));
}

TEST(NonRoot, ARuntimeNamesUsersAsTheyAreInside) {
  Profile profile = Watched({});
  profile.held->userns_level = 1;
  profile.held->source = "oci";
  profile.held->uid = 33;
  profile.user_map = {{0, 100000, 1000}};
  EXPECT_EQ(Advised(profile).non_root_reason, "it starts as user 33 already");
}

TEST(NonRoot, NotGuessed) {
  EXPECT_EQ(Advised(Watched({})).non_root, Advice::kUnknown);
  Profile profile = Watched({});
  profile.held.reset();
  EXPECT_EQ(Advised(profile).non_root, Advice::kUnknown);
}

TEST(Warnings, OfWhatTheSurroundingsHide) {
  Profile profile = Watched({});
  profile.surroundings = {{"net.ipv4.ip_unprivileged_port_start", "0"},
                          {"net.ipv4.ping_group_range", "0 2147483647"}};
  EXPECT_THAT(Advised(profile).warnings,
              ElementsAre(HasSubstr("NET_BIND_SERVICE"), HasSubstr("NET_RAW")));
}

TEST(Warnings, OfTimesWithoutCounting) {
  Profile profile = Watched({});
  profile.observed_from = 1;
  profile.gaps = {{70'000'000'000, 70'000'000'010, "capmond did not run"},
                  {75'000'000'000, 77'000'000'000, "once more"}};
  EXPECT_THAT(Advised(profile).warnings,
              ElementsAre("not watched for 3 s in 2 pieces (once more): what it needed only then "
                          "is not in the evidence"));
}

TEST(Warnings, NotOfTheUsualSurroundings) {
  Profile profile = Watched({});
  profile.surroundings = {{"net.ipv4.ip_unprivileged_port_start", "1024"},
                          {"net.ipv4.ping_group_range", "1 0"}};
  EXPECT_THAT(Advised(profile).warnings, IsEmpty());
}

TEST(Warnings, NotOfWhatIsKeptAnyway) {
  Profile profile = Watched({Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded()});
  profile.surroundings = {{"net.ipv4.ping_group_range", "0 2147483647"}};
  EXPECT_THAT(Advised(profile).warnings, IsEmpty());
}

}  // namespace
}  // namespace capmon
