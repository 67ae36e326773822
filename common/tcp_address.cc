// SPDX-License-Identifier: Apache-2.0
#include "common/tcp_address.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

bool IsDigit(unsigned char c) { return std::isdigit(c) != 0; }

}  // namespace

absl::StatusOr<TcpAddress> ParseTcpAddress(const std::string& address) {
  const absl::Status unusable = absl::InvalidArgumentError(
      absl::StrCat("the address \"", address, "\" is no HOST:PORT; give one like 127.0.0.1:7443"));
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return unusable;
  TcpAddress result{address.substr(0, colon), address.substr(colon + 1)};
  const bool bracketed =
      result.host.size() > 2 && result.host.front() == '[' && result.host.back() == ']';
  if (bracketed) result.host = result.host.substr(1, result.host.size() - 2);
  const auto is_plain = [&](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_' ||
           (bracketed && (c == ':' || c == '%'));
  };
  uint32_t port = 0;
  if (!std::ranges::all_of(result.host, is_plain) || !std::ranges::all_of(result.port, IsDigit) ||
      !absl::SimpleAtoi(result.port, &port) || port > 65535)
    return unusable;
  return result;
}

bool LooksLikeTcp(const std::string& address) {
  return !address.starts_with("unix:") && address.find(':') != std::string::npos &&
         address.find('/') == std::string::npos;
}

}  // namespace capmon
