// SPDX-License-Identifier: Apache-2.0
#include "common/utf8.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(Utf8, KeepsWhatIsWellFormed) {
  for (const char* text : {"", "nginx", "h\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\xb3"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
    EXPECT_EQ(ToUtf8(text), text);
  }
}

TEST(Utf8, EscapesEveryByteThatIsNot) {
  EXPECT_EQ(ToUtf8("a\xff"), "a\\xff");
  EXPECT_EQ(ToUtf8("a\xe2\x82"), "a\\xe2\\x82") << "cut off in the middle";
  EXPECT_EQ(ToUtf8("\xc0\x80"), "\\xc0\\x80") << "overlong";
  EXPECT_EQ(ToUtf8("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(ToUtf8("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond the last code point";
  EXPECT_FALSE(IsUtf8("a\xff"));
}

TEST(Utf8, TellsCodePointsApart) {
  const auto euro = FirstCodePoint("\xe2\x82\xac!");
  ASSERT_TRUE(euro.has_value());
  EXPECT_EQ(euro->value, 0x20acu);
  EXPECT_EQ(euro->bytes, 3u);
  EXPECT_FALSE(FirstCodePoint("").has_value());
}

TEST(Utf8Prefix, EndsBetweenTwoCharacters) {
  EXPECT_EQ(Utf8Prefix("a\xc3\xbc"
                       "b",
                       10),
            "a\xc3\xbc"
            "b");
  EXPECT_EQ(Utf8Prefix("a\xc3\xbc"
                       "b",
                       3),
            "a\xc3\xbc");
  EXPECT_EQ(Utf8Prefix("a\xc3\xbc"
                       "b",
                       2),
            "a");
  EXPECT_EQ(Utf8Prefix("\xe2\x82\xac", 2), "");
  EXPECT_EQ(Utf8Prefix("\x80\x80", 1), "") << "bytes that are no UTF-8";
}

}  // namespace
}  // namespace capmon
