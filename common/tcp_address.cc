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

TcpAddress SplitTcpAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {text, ""};
  TcpAddress parts{text.substr(0, colon), text.substr(colon + 1)};
  if (parts.host.starts_with('[') && parts.host.ends_with(']'))
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  return parts;
}

std::optional<uint16_t> PortNumber(const std::string& text) {
  uint32_t number = 0;
  if (!std::ranges::all_of(text, IsDigit) || !absl::SimpleAtoi(text, &number) || number > 65535)
    return std::nullopt;
  return static_cast<uint16_t>(number);
}

absl::StatusOr<TcpAddress> ParseTcpAddress(const std::string& address) {
  const bool bracketed = address.starts_with('[');
  const auto is_plain = [&](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_' ||
           (bracketed && (c == ':' || c == '%'));
  };
  TcpAddress result = SplitTcpAddress(address);
  if (result.host.empty() || !std::ranges::all_of(result.host, is_plain) ||
      !PortNumber(result.port))
    return absl::InvalidArgumentError(absl::StrCat(
        "the address \"", address, "\" is no HOST:PORT; give one like 127.0.0.1:7443"));
  return result;
}

bool LooksLikeTcp(const std::string& address) {
  return !address.starts_with("unix:") && address.find(':') != std::string::npos &&
         address.find('/') == std::string::npos;
}

}  // namespace capmon
