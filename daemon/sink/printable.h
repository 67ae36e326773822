// SPDX-License-Identifier: Apache-2.0
// What a receiver answered, as text for a log and a terminal.
#pragma once

#include <string>
#include <string_view>

namespace capmon {

// At most kMaxPrintable bytes of valid UTF-8 without control characters.
std::string Printable(std::string_view text);

inline constexpr size_t kMaxPrintable = 400;

}  // namespace capmon
