// SPDX-License-Identifier: Apache-2.0
#include "client/base/text.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>
#include <utility>

namespace capmon {
namespace {

using ::testing::ElementsAre;

TEST(Printable, EscapesEverythingThatATerminalExecutes) {
  EXPECT_EQ(Printable("\x1b[2J\x1b]0;owned\x07"), "\\x1b[2J\\x1b]0;owned\\x07");
  EXPECT_EQ(Printable("a\r\nb\t\x7f"), "a\\x0d\\x0ab\\x09\\x7f");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m")
      << "the 8-bit form of ESC [";
  EXPECT_EQ(Printable("\xe2\x80\xae"
                      "cod.exe"),
            "\\u202ecod.exe")
      << "right to left";
  EXPECT_EQ(Printable("bad \xff\xc3"), "bad \\xff\\xc3");
}

TEST(Printable, LeavesNamesAlone) {
  EXPECT_EQ(Printable("shop/web-6d9f h\xc3\xa9 \xe2\x80\x93"),
            "shop/web-6d9f h\xc3\xa9 \xe2\x80\x93");
}

TEST(Width, CountsColumns) {
  EXPECT_EQ(Width("abc"), 3u);
  EXPECT_EQ(Width("\xe2\x80\x93"), 1u);
  EXPECT_EQ(Width("網頁"), 4u);
  EXPECT_EQ(Width("e\xcc\x81"), 1u);  // e and a combining accent
  EXPECT_EQ(Width("○●✗·…"), 5u);      // what matrices are drawn with
  EXPECT_EQ(Width("\xff"), 1u);
}

TEST(Wrapped, BreaksAtBlanks) {
  EXPECT_THAT(Wrapped("KILL, MKNOD, SETPCAP", 12), ElementsAre("KILL, MKNOD,", "SETPCAP"));
  EXPECT_THAT(Wrapped("CHECKPOINT_RESTORE, KILL", 5), ElementsAre("CHECKPOINT_RESTORE,", "KILL"));
  EXPECT_THAT(Wrapped("", 5), ElementsAre(""));
}

TEST(Numbers, ReadEasily) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1842), "1,842");
  EXPECT_EQ(Grouped(12345678), "12,345,678");
  EXPECT_EQ(Duration(0), "0 s");
  EXPECT_EQ(Duration(59), "59 s");
  EXPECT_EQ(Duration(60), "1 m");
  EXPECT_EQ(Duration(8040), "2 h 14 m");
  EXPECT_EQ(Duration(273600), "3 d 4 h");
}

TEST(Names, AreShortAsInTables) {
  EXPECT_EQ(ShortName("CAP_NET_RAW"), "NET_RAW");
  EXPECT_EQ(ShortName("CAP_63"), "63");
  EXPECT_EQ(ShortName("NET_RAW"), "NET_RAW");
}

TEST(DisplayName, IsTheBestThereIs) {
  v1::Container container;
  container.set_kind("unknown");
  EXPECT_EQ(DisplayName(container), "unknown");
  container.set_cgroup_path("/a/b");
  EXPECT_EQ(DisplayName(container), "/a/b");
  container.set_id("0123456789abcdef");
  EXPECT_EQ(DisplayName(container), "0123456789ab");
  container.set_name("nginx");
  EXPECT_EQ(DisplayName(container), "nginx");
  container.set_namespace_("shop");
  container.set_pod("web-6d9f");
  EXPECT_EQ(DisplayName(container), "shop/web-6d9f/nginx");
}

TEST(FormatTime, HasItsZone) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'700'000'000);
  for (const auto& [zone, text] : {std::pair("UTC0", "2023-11-14 22:13:20 UTC"),
                                   std::pair("ABC-5:30", "2023-11-15 03:43:20 +0530")}) {
    ::setenv("TZ", zone, 1);
    ::tzset();
    EXPECT_EQ(FormatTime(time), text);
  }
  ::unsetenv("TZ");
  ::tzset();
}

TEST(InLines, ReturnsOneLineWithoutAWidth) {
  EXPECT_EQ(InLines("one two", 0), "one two\n");
  EXPECT_EQ(InLines("one   two", 5), "one\ntwo\n");
}

}  // namespace
}  // namespace capmon
