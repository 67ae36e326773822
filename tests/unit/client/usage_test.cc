// SPDX-License-Identifier: Apache-2.0
// What is typed instead of what.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/base/nearest.h"

namespace capmon {
namespace {

const std::vector<std::string> kCommands = {"list", "profile", "explain",
                                            "top",  "status",  "verify"};

TEST(NearestTest, OneSlip) {
  EXPECT_EQ(Nearest("profle", kCommands), "profile");
  EXPECT_EQ(Nearest("lsit", kCommands), "list");
  EXPECT_EQ(Nearest("tp", kCommands), "top");
  EXPECT_EQ(Nearest("stattus", kCommands), "status");
}

TEST(NearestTest, TheNearerOfTwo) {
  EXPECT_EQ(Nearest("lost", {"last", "list", "lost+found", "lost"}), "lost");
}

TEST(NearestTest, NothingIsNear) {
  EXPECT_EQ(Nearest("deploy", kCommands), "");
  EXPECT_EQ(Nearest("x", kCommands), "");
  EXPECT_EQ(Nearest("", {}), "");
  EXPECT_EQ(Nearest(std::string(100'000, 'x'), kCommands), "");
}

}  // namespace
}  // namespace capmon
