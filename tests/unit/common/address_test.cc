// SPDX-License-Identifier: Apache-2.0
#include "common/address.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "common/tcp_address.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

TEST(SocketPath, IsTheAbsolutePathOfAUnixAddress) {
  EXPECT_EQ(*SocketPath(kDefaultAddress), "/run/capmon/capmon.sock");
  EXPECT_EQ(*SocketPath("unix:/run/x"), "/run/x");
  EXPECT_EQ(*SocketPath("/run/x"), "/run/x");
  EXPECT_EQ(*SocketPath("unix:///with blank/50%"), "/with blank/50%");
}

TEST(SocketPath, RefusesEverythingElseInOneSentence) {
  const std::string garbage[] = {"",       "run/x",      "tcp://1.2.3.4:5", "unix:",
                                 "unix:x", "unix://x/y", "unix:///run/",    "unix-abstract:x"};
  for (const std::string& address : garbage) {
    const auto path = SocketPath(address);
    EXPECT_TRUE(absl::IsInvalidArgument(path.status())) << address;
    const std::string sentence(path.status().message());
    EXPECT_THAT(sentence, HasSubstr("\"" + address + "\""));
    EXPECT_THAT(sentence, HasSubstr(kDefaultAddress));
    EXPECT_EQ(sentence.find('\n'), sentence.npos);
  }
}

TEST(SocketPath, LimitsTheLengthOfASocketPath) {
  const std::string longest = "/" + std::string(106, 'x');
  EXPECT_EQ(*SocketPath("unix://" + longest), longest);
  const auto longer = SocketPath("unix://" + longest + "x");
  EXPECT_TRUE(absl::IsInvalidArgument(longer.status()));
  EXPECT_THAT(std::string(longer.status().message()), HasSubstr("108 bytes, at most 107"));
}

TEST(GrpcTarget, EncodesWhatAUriWouldRead) {
  EXPECT_EQ(GrpcTarget("/run/capmon.sock"), "unix:/run/capmon.sock");
  EXPECT_EQ(GrpcTarget("/a b/50%?#\xc3\xa9"), "unix:/a%20b/50%25%3F%23%C3%A9");
}

TEST(ConnectErrno, ReportsWhyNothingListens) {
  EXPECT_EQ(ConnectErrno("/no/such/socket"), ENOENT);
  EXPECT_EQ(ConnectErrno("/dev/null"), ECONNREFUSED);
  EXPECT_EQ(ConnectErrno("/" + std::string(200, 'x')), ENAMETOOLONG);
}

TEST(ParseTcpAddress, TakesHostAndPort) {
  EXPECT_EQ(ParseTcpAddress("127.0.0.1:7443")->host, "127.0.0.1");
  EXPECT_EQ(ParseTcpAddress("node-7.example:7443")->port, "7443");
  EXPECT_EQ(ParseTcpAddress("[::1]:7443")->host, "::1");
  for (const char* const address : {"", ":7443", "host", "host:", "host:x", "host:65536",
                                    "::1:7443", "a b:1", "host:-1", "unix:/run/x"})
    EXPECT_FALSE(ParseTcpAddress(address).ok()) << address;
}

TEST(LooksLikeTcp, NoPathDoes) {
  EXPECT_TRUE(LooksLikeTcp("localhost:1"));
  EXPECT_TRUE(LooksLikeTcp("host:"));
  EXPECT_FALSE(LooksLikeTcp("/run/a:1"));
  EXPECT_FALSE(LooksLikeTcp("unix:///run/x"));
  EXPECT_FALSE(LooksLikeTcp("nonsense"));
}

}  // namespace
}  // namespace capmon
