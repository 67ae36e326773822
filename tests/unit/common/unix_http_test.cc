// SPDX-License-Identifier: Apache-2.0
// What docker_test does not ask: requests with a body, and what no answer is.
#include "common/unix_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <thread>

#include "daemon/base/unique_fd.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unix_server.h"

namespace capmon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr HttpLimits kLimits{.patience = std::chrono::seconds(60)};

// Answers one caller with `answer` and keeps what it was sent.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string answer)
      : listening_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listening_.get(), 1), 0);
    thread_ = std::jthread([this, answer = std::move(answer)] {
      const UniqueFd caller(::accept(listening_.get(), nullptr, nullptr));
      char buffer[4096];
      const ssize_t got = ::recv(caller.get(), buffer, sizeof(buffer), 0);
      if (got > 0) asked_.assign(buffer, static_cast<size_t>(got));
      (void)!::send(caller.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }
  std::string asked() {
    thread_.join();
    return asked_;
  }

 private:
  UniqueFd listening_;
  std::string asked_;
  std::jthread thread_;
};

TEST(UnixHttp, SendsTheBodyAndReadsToTheEnd) {
  const TempDir directory;
  const std::string body(100'000, 'x');
  OneAnswer server(directory / "socket", "HTTP/1.0 201 Created\r\n\r\n" + body);
  const auto reply = AskOverUnixSocket(
      directory / "socket", {.method = "POST", .target = "/create", .json = "{\"a\":1}"}, kLimits);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->code, 201);
  EXPECT_EQ(reply->body, body);
  const std::string asked = server.asked();
  EXPECT_THAT(asked, StartsWith("POST /create HTTP/1.1\r\nHost: localhost\r\n"));
  EXPECT_THAT(asked, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(asked, HasSubstr("Content-Length: 7\r\n"));
}

TEST(UnixHttp, APostWithoutABodySaysSo) {
  const TempDir directory;
  OneAnswer server(directory / "socket", "HTTP/1.1 204 No Content\r\n\r\n");
  const auto reply =
      AskOverUnixSocket(directory / "socket", {.method = "POST", .target = "/start"}, kLimits);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->code, 204);
  EXPECT_EQ(reply->body, "");
  EXPECT_THAT(server.asked(), HasSubstr("Content-Length: 0\r\n"));
}

TEST(UnixHttp, ReadsAnAnswerInChunks) {
  const TempDir directory;
  UnixServer server(directory / "socket", [](const std::string&) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  });
  const auto reply =
      AskOverUnixSocket(directory / "socket", {.method = "DELETE", .target = "/x"}, kLimits);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->body, "abcde");
}

TEST(UnixHttp, FailsInOneSentence) {
  const TempDir directory;
  const auto ask = [&] {
    return AskOverUnixSocket(directory / "socket", {.target = "/"}, kLimits).status();
  };
  EXPECT_TRUE(absl::IsNotFound(ask()));
  for (const char* answer :
       {"hello", "", "HTTP/1.0", "SSH-2.0-x 200\r\n\r\n", "HTTP/1.0\r\n\r\n 200",
        "HTTP/1.0 x\r\n\r\n", "HTTP/1.0 -1 x\r\n\r\n", "HTTP/1.0 99999999999 x\r\n\r\n"}) {
    UnixServer server(directory / "socket", [&](const std::string&) { return answer; });
    EXPECT_TRUE(absl::IsUnavailable(ask())) << answer;
  }
}

}  // namespace
}  // namespace capmon
