// SPDX-License-Identifier: Apache-2.0
// Percent-encoding, as addresses have it (RFC 3986).
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace capmon {

// Encodes every byte but ASCII letters, digits and those in `kept`.
inline std::string PercentEncode(std::string_view text, std::string_view kept) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || kept.find(c) != std::string_view::npos)
      encoded += c;
    else
      absl::StrAppendFormat(&encoded, "%%%02X", byte);
  }
  return encoded;
}

}  // namespace capmon
