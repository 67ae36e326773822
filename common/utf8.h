// SPDX-License-Identifier: Apache-2.0
// Names from the kernel are bytes, but a protobuf string must be UTF-8: gRPC cannot send any other
// message.
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

// Returns the code point at the start of `text`; nothing if it is not well-formed UTF-8.
std::optional<CodePoint> FirstCodePoint(std::string_view text);
bool IsUtf8(std::string_view text);
// Escapes every byte that is not part of well-formed UTF-8: "\xff".
std::string ToUtf8(std::string_view text);
// Returns the beginning of `text`, at most so many bytes of it, that ends between two characters.
std::string_view Utf8Prefix(std::string_view text, size_t most);

}  // namespace capmon
