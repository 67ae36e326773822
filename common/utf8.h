// SPDX-License-Identifier: Apache-2.0
// Names from the kernel are bytes; protobuf strings must be UTF-8, or the whole message is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace capmon {

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
};

// The code point `text` begins with, or nothing when that is not well-formed UTF-8.
std::optional<CodePoint> FirstCodePoint(std::string_view text);
bool IsUtf8(std::string_view text);
// Every byte that is not part of well-formed UTF-8 is escaped: "\xff".
std::string ToUtf8(std::string_view text);

}  // namespace capmon
