// SPDX-License-Identifier: Apache-2.0
#include "client/run/engine_watch.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace capmon {
namespace {

// Requests events that do not exist: an idle connection would be closed after some time.
constexpr std::string_view kRequest =
    "GET /events?filters=%7B%22label%22%3A%5B%22capmon.no-such-label%22%5D%7D HTTP/1.1\r\n"
    "Host: localhost\r\n\r\n";
constexpr std::string_view kAccepted = "HTTP/1.1 200 ";

}  // namespace

EngineWatch::EngineWatch(const std::string& socket) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(address.sun_path)) return;
  socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
  UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connection ||
      ::connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::send(connection.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(kRequest.size()))
    return;
  connection_ = std::move(connection);
}

bool EngineWatch::Ended() {
  if (!connection_) return true;
  char answer[4096];
  ssize_t length = 0;
  while ((length = ::recv(connection_.get(), answer, sizeof(answer), MSG_DONTWAIT)) > 0)
    if (!std::exchange(answered_, true))
      rejected_ = !std::string_view(answer, static_cast<size_t>(length)).starts_with(kAccepted);
  const bool closed = length == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  return closed && !rejected_;
}

}  // namespace capmon
