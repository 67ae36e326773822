// SPDX-License-Identifier: Apache-2.0
#include "client/host/privileged_file.h"

#include <gmock/gmock.h>

namespace capmon {
namespace {

using testing::HasSubstr;

TEST(Privileged, IsOnlyWhatGivesSomething) {
  EXPECT_FALSE(Privileged("/a", {.mode = 0755}, std::nullopt));
  EXPECT_TRUE(Privileged("/a", {.mode = 04755}, std::nullopt)->set_user_id());
  EXPECT_TRUE(Privileged("/a", {.mode = 02755}, std::nullopt)->set_group_id());
  EXPECT_TRUE(Privileged("/a", {.mode = 0755}, FileCapabilities())->has_capabilities());
  EXPECT_EQ(Privileged("/\xff", {.mode = 04711}, std::nullopt)->path(), "/\\xff");
  EXPECT_EQ(Privileged("/a", {.mode = 0104711}, std::nullopt)->mode(), "4711");
}

TEST(MeaningOf, NamesTheUserItRunsAs) {
  EXPECT_EQ(MeaningOf({.mode = 04755}, std::nullopt), "runs as root for every user");
  EXPECT_EQ(MeaningOf({.mode = 06710, .uid = 7, .gid = 8}, std::nullopt),
            "runs as user 7 and group 8 for its owner and group");
}

TEST(MeaningOf, SaysWhatHasNoEffect) {
  EXPECT_EQ(MeaningOf({.mode = 04644}, std::nullopt), "no effect: not executable");
  EXPECT_EQ(MeaningOf({.mode = 04755, .nosuid = true}, std::nullopt), "no effect: mounted nosuid");
  EXPECT_EQ(MeaningOf({.mode = 02705}, std::nullopt), "no effect: its group may not execute it");
}

TEST(MeaningOf, DistinguishesFileCapabilities) {
  FileCapabilities carried;
  carried.effective = true;
  carried.permitted = {13};
  EXPECT_EQ(MeaningOf({.mode = 0755}, carried),
            "gains NET_RAW, and does not start if the bounding set lacks any");
  carried.effective = false;
  EXPECT_THAT(MeaningOf({.mode = 0755}, carried), HasSubstr("may enable NET_RAW"));
  carried.rootid = 1000;
  carried.inheritable = {0};
  EXPECT_THAT(MeaningOf({.mode = 0755}, carried),
              HasSubstr("keeps CHOWN if the process that starts it"));
  EXPECT_THAT(MeaningOf({.mode = 0755}, carried), HasSubstr("whose root is user 1000 outside"));
}

}  // namespace
}  // namespace capmon
