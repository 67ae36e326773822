// SPDX-License-Identifier: Apache-2.0
// Where capmond listens: the one form of address daemon and client both accept.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace capmon {

// Trailing metadata of an answer that was given before capmond had caught up with the kernel.
inline constexpr char kStaleAnswer[] = "capmon-stale";

inline constexpr char kDefaultAddress[] = "unix:///run/capmon/capmon.sock";

// The socket's path. INVALID_ARGUMENT unless the address is "unix:///absolute/path" and the path
// fits into a socket address.
absl::StatusOr<std::string> SocketPath(const std::string& address);

// The path as gRPC wants to hear it: percent-encoded, so that any file name is safe.
std::string GrpcTarget(const std::string& path);

// Connects once and closes. 0 if a process listens there, else the errno.
int ConnectErrno(const std::string& path);

}  // namespace capmon
