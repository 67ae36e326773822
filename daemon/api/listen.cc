// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/tcp_address.h"

namespace capmon {
namespace {

constexpr int kListenFlags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

absl::Status CannotListen(const std::string& where, const std::string& why) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", where, ": ", why));
}

}  // namespace

absl::StatusOr<UniqueFd> ListenOnUnixSocket(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, kListenFlags, 0));
  if (!socket) return CannotListen(path, std::strerror(errno));
  const int error = BindErrno(socket.get(), path);
  if (error == ENAMETOOLONG)
    return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", path, ": it is too long"));
  if (error != 0) return CannotListen(path, std::strerror(error));
  if (::listen(socket.get(), SOMAXCONN) != 0) return CannotListen(path, std::strerror(errno));
  return socket;
}

absl::StatusOr<UniqueFd> ListenOnTcpPort(const std::string& address) {
  const auto place = ParseTcpAddress(address);
  if (!place.ok()) return place.status();
  addrinfo wanted = {};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  if (const int error = ::getaddrinfo(place->host.c_str(), place->port.c_str(), &wanted, &first);
      error != 0)
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", address, ": ", ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(first, &::freeaddrinfo);
  UniqueFd socket(::socket(found->ai_family, kListenFlags, 0));
  const int on = 1;
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      ::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0)
    return CannotListen(address, std::strerror(errno));
  return socket;
}

int PortOf(const UniqueFd& socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace capmon
