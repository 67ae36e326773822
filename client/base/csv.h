// SPDX-License-Identifier: Apache-2.0
// Rows of comma-separated values, as RFC 4180 has them.
#pragma once

#include <string>
#include <vector>

namespace capmon {

// Returns one line with its line feed. A cell that a spreadsheet would compute ("=1+1") begins with
// an apostrophe instead, because names come from containers.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace capmon
