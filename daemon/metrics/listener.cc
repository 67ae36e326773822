// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/address.h"

namespace capmon {
namespace {

constexpr int kBacklog = 64;

absl::Status CannotServe(const ListenAddress& address, const std::string& why) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot serve metrics at ", Print(address), ": ", why));
}

// What the kernel answered, as a sentence.
absl::Status Refused(const ListenAddress& address, int error) {
  if (error == EADDRINUSE)
    return absl::UnavailableError(absl::StrCat("cannot serve metrics at ", Print(address),
                                               ": another program listens there; stop it or choose "
                                               "another address"));
  if (error == EADDRNOTAVAIL) return CannotServe(address, "it is no address of this machine");
  if (error == EAFNOSUPPORT)
    return CannotServe(address,
                       "capmond may open no such socket here; the installed unit needs the drop-in "
                       "network.conf for it (docs/metrics.md), or use a Unix socket");
  return CannotServe(address, std::strerror(error));
}

absl::StatusOr<Listener> NotMade(const ListenAddress& address) { return Refused(address, errno); }

absl::Status BindTcp(ListenAddress& address, int fd) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(sockaddr_in);
  uint16_t* port = nullptr;
  if (address.is_ipv6) {
    auto* const six = reinterpret_cast<sockaddr_in6*>(&storage);
    six->sin6_family = AF_INET6;
    ::inet_pton(AF_INET6, address.host.c_str(), &six->sin6_addr);
    port = &six->sin6_port;
    size = sizeof(sockaddr_in6);
  } else {
    auto* const four = reinterpret_cast<sockaddr_in*>(&storage);
    four->sin_family = AF_INET;
    ::inet_pton(AF_INET, address.host.c_str(), &four->sin_addr);
    port = &four->sin_port;
  }
  *port = htons(address.port);
  const int on = 1;  // a capmond that starts again need not wait for old connections
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  auto* const generic = reinterpret_cast<sockaddr*>(&storage);
  if (::bind(fd, generic, size) != 0 || ::getsockname(fd, generic, &size) != 0)
    return Refused(address, errno);
  address.port = ntohs(*port);
  return absl::OkStatus();
}

// Removes a socket without a listener; nothing else.
absl::Status RemoveStale(const ListenAddress& address) {
  struct stat found = {};
  if (::lstat(address.path.c_str(), &found) != 0) return absl::OkStatus();
  if (!S_ISSOCK(found.st_mode))
    return CannotServe(address, "it exists and is not a socket; choose another address");
  if (ConnectErrno(address.path) != ECONNREFUSED) return Refused(address, EADDRINUSE);
  ::unlink(address.path.c_str());
  return absl::OkStatus();
}

absl::Status BindUnix(const ListenAddress& address, int fd, std::optional<gid_t> group) {
  if (absl::Status status = RemoveStale(address); !status.ok()) return status;
  if (const int error = BindErrno(fd, address.path); error != 0) return Refused(address, error);
  constexpr mode_t kMode = 0660;
  if ((group && ::chown(address.path.c_str(), -1, *group) != 0) ||
      ::chmod(address.path.c_str(), kMode) != 0) {
    const absl::Status status = Refused(address, errno);
    ::unlink(address.path.c_str());
    return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Listener> Listener::Open(const ListenAddress& address, std::optional<gid_t> group) {
  const int family = address.is_unix() ? AF_UNIX : address.is_ipv6 ? AF_INET6 : AF_INET;
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return NotMade(address);
  ListenAddress bound = address;
  absl::Status status =
      address.is_unix() ? BindUnix(address, fd.get(), group) : BindTcp(bound, fd.get());
  if (!status.ok()) return status;
  Listener listener(std::move(bound), std::move(fd));
  if (::listen(listener.fd(), kBacklog) != 0) return NotMade(address);
  return listener;
}

Listener::Listener(Listener&& other) noexcept
    : address_(std::move(other.address_)), fd_(std::move(other.fd_)) {
  other.address_.path.clear();
}

Listener::~Listener() {
  if (address_.is_unix() && fd_) ::unlink(address_.path.c_str());
}

}  // namespace capmon
