// SPDX-License-Identifier: Apache-2.0
#include "common/utf8.h"

namespace capmon {

std::optional<CodePoint> FirstCodePoint(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return CodePoint{lead, 1};
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return std::nullopt;
  uint32_t value = lead & (0x7f >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    value = value << 6 | (next & 0x3f);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kSmallest[bytes] || value > 0x10ffff || surrogate) return std::nullopt;
  return CodePoint{value, bytes};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const auto point = FirstCodePoint(text);
    if (!point) return false;
    text.remove_prefix(point->bytes);
  }
  return true;
}

std::string ToUtf8(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string result;
  while (!text.empty()) {
    const auto point = FirstCodePoint(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (point)
      result += text.substr(0, point->bytes);
    else
      result += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]};
    text.remove_prefix(point ? point->bytes : 1);
  }
  return result;
}

std::string_view Utf8Prefix(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace capmon
