// SPDX-License-Identifier: Apache-2.0
// A server on a Unix socket that answers well, badly, or not at all.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace capmon {

// Listens on a path; one connection after the other, one request each.
class UnixServer {
 public:
  // Returns the answer for a target like "/_ping". Nothing: keeps the connection open without an
  // answer.
  using Answer = std::function<std::optional<std::string>(const std::string& target)>;

  UnixServer(const std::string& path, Answer answer) : path_(path), answer_(std::move(answer)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~UnixServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept
    thread_.join();
    ::unlink(path_.c_str());
  }
  int requests() const { return requests_; }

 private:
  void Serve() {
    std::vector<UniqueFd> held;
    while (true) {
      UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client) return;
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == request.npos) {
        const ssize_t bytes = ::read(client.get(), buffer, sizeof(buffer));
        if (bytes <= 0) break;
        request.append(buffer, static_cast<size_t>(bytes));
      }
      const size_t start = request.find(' ') + 1;
      const auto answer = answer_(request.substr(start, request.find(' ', start) - start));
      ++requests_;
      if (answer)
        for (size_t sent = 0; sent < answer->size();) {
          const ssize_t bytes =
              ::send(client.get(), answer->data() + sent, answer->size() - sent, MSG_NOSIGNAL);
          if (bytes <= 0) break;
          sent += static_cast<size_t>(bytes);
        }
      else
        held.push_back(std::move(client));
    }
  }

  std::string path_;
  Answer answer_;
  std::atomic<int> requests_ = 0;
  UniqueFd listener_;
  std::thread thread_;
};

}  // namespace capmon
