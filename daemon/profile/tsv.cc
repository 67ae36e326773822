// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/tsv.h"

#include <algorithm>

namespace capmon {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

}  // namespace

std::vector<std::string> ListIn(const std::string& cell) {
  return cell == "-" ? std::vector<std::string>() : Split(cell, ',');
}

std::string Cited(const std::string& word) {
  constexpr size_t kMost = 60;
  return fmt::format("\"{}\"{}", word.substr(0, kMost), word.size() > kMost ? "..." : "");
}

absl::Status ReadTable(std::string_view text, std::string_view name, size_t columns,
                       const std::function<absl::Status(const Cells&)>& read) {
  const auto is_text = [](unsigned char c) {
    return c >= ' ' || c == '\t' || c == '\n' || c == '\r';
  };
  if (!std::all_of(text.begin(), text.end(), is_text))
    return absl::InvalidArgumentError(fmt::format("read the {} table: it is not text", name));
  int line_number = 0;
  for (const std::string& line : Split(text, '\n')) {
    ++line_number;
    if (line.empty() || line[0] == '#') continue;
    const Cells cells = Split(line, '\t');
    const absl::Status status = cells.size() == columns
                                    ? read(cells)
                                    : absl::InvalidArgumentError(fmt::format(
                                          "{} columns instead of {}", cells.size(), columns));
    if (!status.ok())
      return absl::InvalidArgumentError(fmt::format("read the {} table, line {}: {}", name,
                                                    line_number, std::string(status.message())));
  }
  return absl::OkStatus();
}

}  // namespace capmon
