// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace capmon {
namespace {

TEST(Pattern, HasStarsAndQuestionMarks) {
  for (const auto& [pattern, text] : {std::pair("", ""),
                                      {"*", ""},
                                      {"*", "a/b"},
                                      {"a*", "a"},
                                      {"*/ping", "/bin/ping"},
                                      {"a?c", "abc"},
                                      {"?", "\xc3\xa9"},
                                      {"*a*b*", "xxaxbx"},
                                      {"**", "x"},
                                      {"a*bc", "abbbc"},
                                      {"[a]", "[a]"},
                                      {"\\*", "\\x"},
                                      {"?", "\xff"}})
    EXPECT_TRUE(FitsPattern(pattern, text)) << pattern << " " << text;
  for (const auto& [pattern, text] : {std::pair("", "a"),
                                      {"a", ""},
                                      {"?", ""},
                                      {"a", "b"},
                                      {"a*c", "ab"},
                                      {"[a]", "a"},
                                      {"\\a", "a"},
                                      {"??", "\xc3\xa9"},
                                      {"a*b", "abc"}})
    EXPECT_FALSE(FitsPattern(pattern, text)) << pattern << " " << text;
}

// With back-tracking for each star this would not end.
TEST(Pattern, ManyStarsTakeNoTime) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  EXPECT_FALSE(FitsPattern(pattern + "b", std::string(4000, 'a')));
}

}  // namespace
}  // namespace capmon
