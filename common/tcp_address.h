// SPDX-License-Identifier: Apache-2.0
// "HOST:PORT", "[::1]:PORT": the one place that takes such an address apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

struct TcpAddress {
  std::string host;
  std::string port;
};
// Splits at the last colon, and takes the brackets of IPv6 from the host. Without a colon there is
// no port. Judges neither.
TcpAddress SplitTcpAddress(const std::string& text);
// 0 to 65535, in digits alone.
std::optional<uint16_t> PortNumber(const std::string& text);
// INVALID_ARGUMENT unless it has this form.
absl::StatusOr<TcpAddress> ParseTcpAddress(const std::string& address);
// True for an address that can be no path: what is wrong with it is what ParseTcpAddress() says.
bool LooksLikeTcp(const std::string& address);

}  // namespace capmon
