// SPDX-License-Identifier: Apache-2.0
// A granted check needs the capability if it was found in the container's own namespace, not if it
// was granted to the owner of a user namespace or inside of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::IsSupersetOf;

class RightsTest : public WatchedTest {
 protected:
  // Returns the profile of a container that did this.
  json After(const std::string& deed) {
    TempDir directory;
    EXPECT_TRUE(MakeWalkerRootfs(directory / "rootfs").ok());
    auto container =
        RuncContainer::Start({directory / "rootfs",
                              {"/bin/walker", deed},
                              {"CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_SETUID", "CAP_SETGID",
                               "CAP_SETFCAP", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE"}});
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return {};
    EXPECT_EQ(container->process().Wait().value_or(-1), 0)
        << container->process().out() << container->process().err();
    return FinalProfile(daemon(), container->id());
  }
};

TEST_F(RightsTest, WritingTheIdsOfAnotherUsersNamespaceIsNeeded) {
  const json profile = After("map-stranger");
  EXPECT_THAT(Keep(profile), IsSupersetOf({"CAP_SYS_ADMIN", "CAP_SETUID"})) << profile.dump(1);
}

TEST_F(RightsTest, EnteringAnotherUsersNamespaceIsNeeded) {
  const json profile = After("enter-stranger");
  EXPECT_THAT(Keep(profile), Contains("CAP_SYS_ADMIN")) << profile.dump(1);
}

TEST_F(RightsTest, MountingWhereAnotherUserOwnsIsNeeded) {
  const json profile = After("mount-at-stranger");
  EXPECT_THAT(Keep(profile), IsSupersetOf({"CAP_SYS_ADMIN", "CAP_SYS_CHROOT"})) << profile.dump(1);
}

TEST_F(RightsTest, MountingInItsOwnNamespaceIsNot) {
  const json profile = After("mount-in-own");
  EXPECT_EQ(Keep(profile), std::set<std::string>{}) << profile.dump(1);
}

TEST_F(RightsTest, AFileThatItsOwnParentOpenedIsItsOwn) {
  const json profile = After("pagemap");
  EXPECT_EQ(Keep(profile), std::set<std::string>{"CAP_SYS_ADMIN"}) << profile.dump(1);
  EXPECT_EQ(Row(profile, "CAP_SYS_ADMIN").value("verdict", ""), "degrades") << profile.dump(1);
}

TEST_F(RightsTest, RightsRegisteredWithAnIoUringAreItsOwn) {
  const json profile = After("personality");
  EXPECT_EQ(Keep(profile), std::set<std::string>{"CAP_NET_RAW"}) << profile.dump(1);
}

}  // namespace
}  // namespace capmon
