// SPDX-License-Identifier: Apache-2.0
// Sockets that accept connections.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

// Creates the socket, which only this user may connect to until its mode is changed.
absl::StatusOr<UniqueFd> ListenOnUnixSocket(const std::string& path);
// "HOST:PORT", "[ADDRESS]:PORT".
absl::StatusOr<UniqueFd> ListenOnTcpPort(const std::string& address);
// Returns the port of such a socket.
int PortOf(const UniqueFd& socket);

}  // namespace capmon
