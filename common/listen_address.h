// SPDX-License-Identifier: Apache-2.0
// Where a server without authentication listens: a Unix socket, or one address of this machine.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

struct ListenAddress {
  std::string path;  // of a Unix socket; "" for TCP
  std::string host;  // "127.0.0.1", "::1", "10.1.2.3"
  uint16_t port = 0;
  bool is_ipv6 = false;
  bool is_loopback = false;  // only this machine reaches it

  bool is_unix() const { return !path.empty(); }
};

// Takes "127.0.0.1:9464", "[::1]:9464", "localhost:9464" and "unix:///run/capmon/metrics.sock".
// INVALID_ARGUMENT for anything else, also for an address that means all of this machine.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

// "127.0.0.1:9464", "[::1]:9464", "unix:///run/capmon/metrics.sock".
std::string Print(const ListenAddress& address);

}  // namespace capmon
