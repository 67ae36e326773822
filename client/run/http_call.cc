// SPDX-License-Identifier: Apache-2.0
#include "client/run/http_call.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr size_t kMaxBytes = 8 << 20;

absl::Status Failed(const std::string& what, int error) {
  const std::string sentence = absl::StrCat(what, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return absl::UnavailableError(sentence + "; start the engine, or say where it listens");
    case EACCES:
    case EPERM: return absl::PermissionDeniedError(sentence);
    case EAGAIN: return absl::DeadlineExceededError(what + ": no answer in time");
    default: return absl::UnavailableError(sentence);
  }
}

std::string Text(const HttpCall& call) {
  std::string text =
      absl::StrCat(call.method, " ", call.target, " HTTP/1.0\r\nHost: localhost\r\n");
  if (!call.json.empty()) absl::StrAppend(&text, "Content-Type: application/json\r\n");
  absl::StrAppend(&text, "Content-Length: ", call.json.size(), "\r\n\r\n", call.json);
  return text;
}

// 0, or the errno.
int Connect(int fd, const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.data(), path.size());
  return ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 ? 0 : errno;
}

int SendAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return errno;
    if (sent > 0) text.remove_prefix(static_cast<size_t>(sent));
  }
  return 0;
}

int ReceiveAll(int fd, std::string& text) {
  char buffer[16384];
  while (text.size() <= kMaxBytes) {
    const ssize_t got = ::recv(fd, buffer, sizeof(buffer), 0);
    if (got == 0) return 0;
    if (got < 0 && errno != EINTR) return errno;
    if (got > 0) text.append(buffer, static_cast<size_t>(got));
  }
  return 0;
}

}  // namespace

absl::StatusOr<HttpReply> Exchange(const std::string& socket, const HttpCall& call,
                                   std::chrono::seconds patience) {
  const std::string what =
      absl::StrCat("cannot ask ", socket, " to ", call.method, " ", call.target);
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return Failed(what, errno);
  const timeval limit = {patience.count(), 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  std::string answer;
  int error = Connect(fd.get(), socket);
  if (error == 0) error = SendAll(fd.get(), Text(call));
  if (error == 0) error = ReceiveAll(fd.get(), answer);
  if (error != 0) return Failed(what, error);
  if (answer.size() > kMaxBytes)
    return absl::ResourceExhaustedError(
        absl::StrCat(what, ": the answer is longer than ", kMaxBytes, " bytes"));
  auto reply = ParseReply(answer);
  if (!reply) return absl::UnavailableError(what + ": the answer is not HTTP");
  return *std::move(reply);
}

std::optional<HttpReply> ParseReply(std::string_view answer) {
  constexpr std::string_view kBlankLine = "\r\n\r\n";
  const size_t end = answer.find(kBlankLine);
  const size_t space = answer.find(' ');
  if (!answer.starts_with("HTTP/1.") || end == answer.npos || space > end) return std::nullopt;
  HttpReply reply;
  const auto read = std::from_chars(answer.data() + space + 1, answer.data() + end, reply.code);
  if (read.ec != std::errc() || reply.code < 100 || reply.code > 599) return std::nullopt;
  reply.body = answer.substr(end + kBlankLine.size());
  return reply;
}

}  // namespace capmon
