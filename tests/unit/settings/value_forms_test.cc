// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/value_forms.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(ValueFormsTest, Times) {
  EXPECT_EQ(ParseTimeSpan("90")->count(), 90'000);
  EXPECT_EQ(ParseTimeSpan("500ms")->count(), 500);
  EXPECT_EQ(ParseTimeSpan("2h")->count(), 7'200'000);
  EXPECT_EQ(ParseTimeSpan("7d")->count(), 604'800'000);
  for (const char* const text :
       {"", "s", "-5", "5 m", "1.5h", "5min", "99999999999999999999s", "9999999999999999999d"})
    EXPECT_FALSE(ParseTimeSpan(text)) << text;
}

TEST(ValueFormsTest, Sizes) {
  EXPECT_EQ(*ParseSize("512"), 512u);
  EXPECT_EQ(*ParseSize("64MiB"), 64u << 20);
  for (const char* const text : {"", "64MB", "64M", "-1", "MiB"})
    EXPECT_FALSE(ParseSize(text)) << text;
}

TEST(ValueFormsTest, Dates) {
  EXPECT_EQ(*ParseDate("1970-01-01"), 86'400 * kSecond);
  EXPECT_EQ(*ParseDate("1970-01-02T00:00:01Z"), 86'401 * kSecond);
  for (const char* const text : {"", "tomorrow", "2027-02-30", "1960-01-01", "9999-01-01"})
    EXPECT_FALSE(ParseDate(text)) << text;
}

TEST(ValueFormsTest, Hosts) {
  EXPECT_EQ(ParseHostAndPort("a.b:80")->port, 80);
  EXPECT_EQ(ParseHostAndPort("a")->port, 0);
  EXPECT_EQ(ParseHostAndPort("[fe80::1]:80")->host, "fe80::1");
  for (const char* const text :
       {"", ":80", "a:", "a:0", "a:65536", "a:+1", "a:1:2", "[::1", "a b:1", "-a:1"})
    EXPECT_FALSE(ParseHostAndPort(text)) << text;
}

TEST(ValueFormsTest, Urls) {
  const auto url = ParseUrl("https://me:pw@h:1/p?q=1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->user, "me:pw");
  EXPECT_EQ(url->server.host, "h");
  EXPECT_EQ(url->rest, "/p?q=1");
  for (const char* const text : {"", "h", "://h", "http://", "http://a b", "http://a/\n"})
    EXPECT_FALSE(ParseUrl(text)) << text;
}

TEST(ValueFormsTest, NearestWords) {
  const std::vector<std::string> keys = {"baseline_after", "log_level", "node"};
  EXPECT_EQ(Nearest("baseline-after", keys), "baseline_after");
  EXPECT_EQ(Nearest("loglevel", keys), "log_level");
  EXPECT_EQ(Nearest("nodes", keys), "node");
  EXPECT_EQ(Nearest("colour", keys), "");
  EXPECT_EQ(Nearest(std::string(1000, 'a'), keys), "");
}

}  // namespace
}  // namespace capmon
