// SPDX-License-Identifier: Apache-2.0
// Patterns with * and ?, as exceptions and filters have them. Nothing else has a meaning: a path
// may contain brackets and backslashes.
#pragma once

#include <string_view>

namespace capmon {

// A star stands for any text, also with slashes; a question mark for one character of UTF-8. Takes
// |pattern| * |text| steps at most.
bool FitsPattern(std::string_view pattern, std::string_view text);

}  // namespace capmon
