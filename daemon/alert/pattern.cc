// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/pattern.h"

#include <cstddef>

namespace capmon {
namespace {

// Bytes of the character at the start, which need not be well-formed.
size_t LengthOfFirst(std::string_view text) {
  size_t length = 1;
  while (length < text.size() && length < 4 && (static_cast<unsigned char>(text[0]) & 0x80) != 0 &&
         (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
    ++length;
  return length;
}

}  // namespace

bool FitsPattern(std::string_view pattern, std::string_view text) {
  // Where to go on if what follows the last star does not fit: the star takes one byte more.
  std::string_view after_star, rest_of_text;
  bool star = false;
  while (!text.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      rest_of_text = text;
      star = true;
    } else if (pattern.starts_with('?')) {
      pattern.remove_prefix(1);
      text.remove_prefix(LengthOfFirst(text));
    } else if (!pattern.empty() && pattern[0] == text[0]) {
      pattern.remove_prefix(1);
      text.remove_prefix(1);
    } else if (star) {
      rest_of_text.remove_prefix(1);
      pattern = after_star;
      text = rest_of_text;
    } else {
      return false;
    }
  }
  while (pattern.starts_with('*')) pattern.remove_prefix(1);
  return pattern.empty();
}

}  // namespace capmon
