// SPDX-License-Identifier: Apache-2.0
// The reviewed tables are text: a row a line, cells between tabs, lists between commas, "-" for an
// empty list, "#" before a remark.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace capmon {

using Cells = std::vector<std::string>;

// Calls `read` for every row, which has `columns` cells. INVALID_ARGUMENT with the table's name and
// the line number for the first row of another width, or that `read` refuses.
absl::Status ReadTable(std::string_view text, std::string_view name, size_t columns,
                       const std::function<absl::Status(const Cells&)>& read);

std::vector<std::string> ListIn(const std::string& cell);

// In quotation marks and short, for an error.
std::string Cited(const std::string& word);

// Reads each word of a list with `read`; the first that cannot be read is the error.
template <typename Value, typename Read>
absl::StatusOr<std::vector<Value>> ReadAll(const std::string& cell, const char* what, Read read) {
  std::vector<Value> values;
  for (const std::string& word : ListIn(cell)) {
    const auto value = read(word);
    if (!value) return absl::InvalidArgumentError(fmt::format("{} is not {}", Cited(word), what));
    values.push_back(*value);
  }
  return values;
}

}  // namespace capmon
