// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/call_stack.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace capmon {
namespace {

TEST(CallStackTest, EqualStacksShareTheirMemory) {
  const CallStack one = {"inet_create", "__sock_create"}, two = {"inet_create", "__sock_create"};
  EXPECT_EQ(one, two);
  EXPECT_EQ(&one.functions(), &two.functions());
  EXPECT_FALSE(one < two || two < one);
}

TEST(CallStackTest, OrderIsThatOfTheFunctions) {
  const CallStack a = {"a"}, ab = {"a", "b"}, b = {"b"}, none;
  EXPECT_TRUE(none < a && a < ab && ab < b);
  EXPECT_EQ((std::set<CallStack>{b, a, ab, a, none}).size(), 4u);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none, CallStack(std::vector<std::string>()));
}

// Names come from kernel modules, too: there may be any number, and all of them keep their
// functions.
TEST(CallStackTest, MoreThanAreShared) {
  std::set<CallStack> stacks;
  for (int i = 0; i < 20'000; ++i) stacks.insert(CallStack({std::to_string(i)}));
  EXPECT_EQ(stacks.size(), 20'000u);
  EXPECT_EQ(CallStack({"19999"}).functions(), std::vector<std::string>{"19999"});
}

}  // namespace
}  // namespace capmon
