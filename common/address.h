// SPDX-License-Identifier: Apache-2.0
// The address of capmond: the one form that daemon and client accept.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace capmon {

// Metadata of an answer that was given before capmond had read the latest counters.
inline constexpr char kStaleAnswer[] = "capmon-stale";

inline constexpr char kDefaultAddress[] = "unix:///run/capmon/capmon.sock";

// Returns the socket's path. INVALID_ARGUMENT unless the address is "unix:///absolute/path", or the
// path alone, and the path fits into a socket address.
absl::StatusOr<std::string> SocketPath(const std::string& address);

// Returns the path as gRPC expects it: percent-encoded, for any file name.
std::string GrpcTarget(const std::string& path);

// Binds a Unix socket; only this user may connect to it until its mode is changed. Returns 0, or
// the errno: ENAMETOOLONG if the path does not fit into a socket address.
int BindErrno(int fd, const std::string& path);

// Connects once and closes. Returns 0 if a process listens, else the errno.
int ConnectErrno(const std::string& path);

}  // namespace capmon
