// SPDX-License-Identifier: Apache-2.0
#include "common/json.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(Json, WhatIsAbsentOrOfAnotherTypeIsEmpty) {
  const auto json = ParseJson(R"({"a": {"text": "x", "yes": true, "number": 7, "list": [1, 2]}})");
  EXPECT_EQ(TextAt(json, {"a", "text"}), "x");
  EXPECT_TRUE(FlagAt(json, {"a", "yes"}));
  EXPECT_EQ(NumberAt(json, {"a", "number"}), 7);
  EXPECT_EQ(SizeAt(json, {"a", "list"}), 2u);
  for (const char* key : {"none", "text", "yes", "number", "list"}) {
    EXPECT_EQ(TextAt(json, {"a", key, "deeper"}), "") << key;
    EXPECT_FALSE(FlagAt(json, {"a", key, "deeper"})) << key;
    EXPECT_EQ(NumberAt(json, {"a", key, "deeper"}), 0) << key;
    EXPECT_EQ(SizeAt(json, {"a", key, "deeper"}), 0u) << key;
  }
  EXPECT_EQ(TextAt(json, {"a", "number"}), "");
  EXPECT_EQ(SizeAt(json, {"a", "text"}), 0u);
}

TEST(Json, NoJsonHasNothing) {
  for (const char* text : {"", "{", "\xff", "[1,"}) {
    EXPECT_TRUE(ParseJson(text).is_discarded()) << text;
    EXPECT_EQ(At(ParseJson(text), {"a"}), nullptr) << text;
  }
}

// Destroying what a parser made of this would overflow the stack.
TEST(Json, EndlessNestingIsNoJson) {
  EXPECT_TRUE(ParseJson(std::string(1 << 20, '[')).is_discarded());
  EXPECT_TRUE(ParseJson(std::string(100'000, '[') + std::string(100'000, ']')).is_discarded());
}

}  // namespace
}  // namespace capmon
