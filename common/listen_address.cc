// SPDX-License-Identifier: Apache-2.0
#include "common/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/tcp_address.h"

namespace capmon {
namespace {

constexpr char kListenExample[] = "127.0.0.1:9464";

absl::Status NotListenable(const std::string& text, const std::string& why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the address \"", text, "\" ", why, "; give one like ", kListenExample));
}

// Sets what the numbers of the host say. Returns false if it has no such numbers.
bool ReadHost(ListenAddress& address, bool& is_wildcard) {
  in_addr four = {};
  if (::inet_pton(AF_INET, address.host.c_str(), &four) == 1) {
    constexpr uint32_t kLoopbackNet = 127;
    is_wildcard = four.s_addr == htonl(INADDR_ANY);
    address.is_loopback = ntohl(four.s_addr) >> 24 == kLoopbackNet;
    return true;
  }
  in6_addr six = {};
  if (::inet_pton(AF_INET6, address.host.c_str(), &six) != 1) return false;
  is_wildcard = IN6_IS_ADDR_UNSPECIFIED(&six);
  address.is_ipv6 = true;
  address.is_loopback = IN6_IS_ADDR_LOOPBACK(&six);
  return true;
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  ListenAddress address;
  if (text.starts_with("unix:") || text.starts_with('/')) {
    auto path = SocketPath(text);
    if (!path.ok()) return path.status();
    address.path = *std::move(path);
    return address;
  }
  const TcpAddress parts = SplitTcpAddress(text);
  address.host = parts.host == "localhost" ? "127.0.0.1" : parts.host;
  const auto port = PortNumber(parts.port);
  if (!port) return NotListenable(text, "has no port from 0 to 65535");
  address.port = *port;
  // Of an IPv6 address without brackets, the host or the port could end anywhere.
  const bool ambiguous = address.host.find(':') != address.host.npos && !text.starts_with('[');
  bool is_wildcard = false;
  if (!address.host.empty() && (ambiguous || !ReadHost(address, is_wildcard)))
    return NotListenable(text, "does not begin with the numbers of one address of this machine");
  if (address.host.empty() || is_wildcard)
    return NotListenable(text,
                         "names no single address, and every network of this machine would reach "
                         "it; name the one to serve at");
  return address;
}

std::string Print(const ListenAddress& address) {
  if (address.is_unix()) return absl::StrCat("unix://", address.path);
  return absl::StrCat(address.is_ipv6 ? absl::StrCat("[", address.host, "]") : address.host, ":",
                      address.port);
}

}  // namespace capmon
