// SPDX-License-Identifier: Apache-2.0
#include "common/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(ListenAddress, Reads) {
  struct Case {
    const char* text;
    const char* printed;
    bool is_loopback;
  };
  for (const Case& one :
       {Case{"127.0.0.1:9464", "127.0.0.1:9464", true}, Case{"127.9.9.9:1", "127.9.9.9:1", true},
        Case{"localhost:0", "127.0.0.1:0", true}, Case{"[::1]:65535", "[::1]:65535", true},
        Case{"10.1.2.3:9464", "10.1.2.3:9464", false},
        Case{"[10.1.2.3]:9464", "10.1.2.3:9464", false},
        Case{"[fd00::7]:9464", "[fd00::7]:9464", false}}) {
    const auto address = ParseListenAddress(one.text);
    ASSERT_TRUE(address.ok()) << one.text << ": " << address.status();
    EXPECT_EQ(Print(*address), one.printed);
    EXPECT_EQ(address->is_loopback, one.is_loopback) << one.text;
    EXPECT_FALSE(address->is_unix());
  }
  for (const char* const text : {"unix:///run/m.sock", "/run/m.sock"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(Print(*address), "unix:///run/m.sock");
  }
}

TEST(ListenAddress, RejectsTheRestInOneSentence) {
  for (const char* const text :
       {"", "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x",
        "host:9464", "::1:9464", "[::1]9464", "[127.0.0.1:9464", "256.1.1.1:1", "0x7f.1:1",
        "http://127.0.0.1:9464", "unix:relative", "unix:///", "127.0.0.1:9464/metrics"}) {
    const auto address = ParseListenAddress(text);
    EXPECT_TRUE(absl::IsInvalidArgument(address.status())) << text << ": " << address.status();
    EXPECT_THAT(std::string(address.status().message()), testing::HasSubstr("; give one like "));
  }
}

TEST(ListenAddress, RejectsAllNetworks) {
  for (const char* const text : {"0.0.0.0:9464", "[::]:9464", ":9464"}) {
    const auto address = ParseListenAddress(text);
    EXPECT_TRUE(absl::IsInvalidArgument(address.status())) << text;
    EXPECT_THAT(std::string(address.status().message()), testing::HasSubstr("every network"));
  }
}

}  // namespace
}  // namespace capmon
