// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/printable.h"

#include <algorithm>

#include "common/utf8.h"

namespace capmon {

std::string Printable(std::string_view text) {
  std::string result = ToUtf8(text.substr(0, kMaxPrintable));
  std::ranges::replace_if(
      result, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, ' ');
  return result;
}

}  // namespace capmon
