// SPDX-License-Identifier: Apache-2.0
#include "client/run/http_call.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "daemon/base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

TEST(ParseReply, ReadsStatusAndBody) {
  const auto reply = ParseReply("HTTP/1.0 201 Created\r\nA: b\r\n\r\n{}\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->code, 201);
  EXPECT_EQ(reply->body, "{}\r\n\r\n");
  EXPECT_EQ(ParseReply("HTTP/1.1 204 No Content\r\n\r\n")->body, "");
}

TEST(ParseReply, RefusesWhatIsNoAnswer) {
  for (const char* text :
       {"", "HTTP/1.0", "HTTP/1.0 200", "SSH-2.0-x 200\r\n\r\n", "HTTP/1.0\r\n\r\n 200",
        "HTTP/1.0 x\r\n\r\n", "HTTP/1.0 -1 x\r\n\r\n", "HTTP/1.0 99999999999 x\r\n\r\n"})
    EXPECT_FALSE(ParseReply(text)) << text;
}

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

TEST(Exchange, SendsTheBodyAndReadsToTheEnd) {
  const TempDir directory;
  const std::string body(100'000, 'x');
  OneAnswer server(directory / "socket", "HTTP/1.0 200 OK\r\n\r\n" + body);
  const auto reply =
      Exchange(directory / "socket", {"POST", "/create", "{\"a\":1}"}, std::chrono::seconds(60));
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->body, body);
  EXPECT_EQ(server.asked(),
            "POST /create HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: 7\r\n\r\n{\"a\":1}");
}

TEST(Exchange, FailsInOneSentence) {
  const TempDir directory;
  const auto ask = [&] {
    return Exchange(directory / "socket", {"GET", "/", ""}, std::chrono::seconds(60)).status();
  };
  EXPECT_TRUE(absl::IsUnavailable(ask()));
  OneAnswer server(directory / "socket", "hello");
  EXPECT_TRUE(absl::IsUnavailable(ask()));
}

}  // namespace
}  // namespace capmon
