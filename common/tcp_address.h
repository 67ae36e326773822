// SPDX-License-Identifier: Apache-2.0
// "HOST:PORT", "[::1]:PORT": where capmond serves by TCP.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace capmon {

struct TcpAddress {
  std::string host;
  std::string port;
};
// INVALID_ARGUMENT unless it has this form.
absl::StatusOr<TcpAddress> ParseTcpAddress(const std::string& address);
// True for an address that can be no path: what is wrong with it is what ParseTcpAddress() says.
bool LooksLikeTcp(const std::string& address);

}  // namespace capmon
