// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/alert_text.h"

#include <gmock/gmock.h>

#include <limits>

namespace capmon {
namespace {

TEST(Line, EscapesWhatActsOnATerminalOrALineReader) {
  const OrderedJson text = "\n\x7f\xc2\x9b\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6 \xc3\xa9";
  EXPECT_EQ(Line(text), "\"\\n\\u007f\\u009b\\u2028\\u202e\\u2066 \xc3\xa9\"");
  EXPECT_EQ(nlohmann::json::parse(Line(text)).get<std::string>(), text.get<std::string>());
}

TEST(Visible, HasNoControlCharacters) {
  EXPECT_EQ(Visible("a\x1b[0m\n\xff\xe2\x80\xa8\xc2\x85\xc3\xa9"),
            "a\\x1b[0m\\x0a\\xff\\u2028\\x85\xc3\xa9");
}

TEST(Beginning, EndsBetweenCodePoints) {
  EXPECT_EQ(Beginning("ab", 2), "ab");
  EXPECT_EQ(Beginning("a\xc3\xa9", 2), "a");
  EXPECT_EQ(Beginning("\xf0\x9f\x90\x8b", 3), "");
}

TEST(Rfc3339, HasNanosecondsAndIsReadBack) {
  EXPECT_EQ(Rfc3339(1), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(Rfc3339(1'795'435'200'123'456'789), "2026-11-23T12:00:00.123456789Z");
  for (const TimeNs time : {TimeNs{0}, TimeNs{-1}, std::numeric_limits<TimeNs>::min(),
                            std::numeric_limits<TimeNs>::max()})
    EXPECT_EQ(ParseRfc3339(Rfc3339(time)), time);
  for (const char* text : {"", "now", "infinite-future", "9999-01-01T00:00:00Z", "2026-11-23"})
    EXPECT_EQ(ParseRfc3339(text), std::nullopt) << text;
}

}  // namespace
}  // namespace capmon
