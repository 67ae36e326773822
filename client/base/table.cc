// SPDX-License-Identifier: Apache-2.0
#include "client/base/table.h"

#include <algorithm>

#include "client/base/text.h"

namespace capmon {
namespace {

constexpr char kGap[] = "  ";

std::string Aligned(const std::string& text, size_t width, bool right) {
  const std::string fill(width - std::min(width, Width(text)), ' ');
  return right ? fill + text : text + fill;
}

}  // namespace

void Table::Add(std::vector<std::string> cells) {
  Row row;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const std::string text = i < cells.size() ? Printable(cells[i]) : "";
    row.push_back(columns_[i].wrap == 0 ? Cell{text} : Wrapped(text, columns_[i].wrap));
  }
  rows_.push_back(std::move(row));
}

std::vector<size_t> Table::Widths(bool headers) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = columns_[i].at_least;
    if (headers) width = std::max(width, Width(columns_[i].title));
    for (const Row& row : rows_)
      for (const std::string& line : row[i]) width = std::max(width, Width(line));
    widths.push_back(width);
  }
  return widths;
}

void Table::PrintRow(std::ostream& out, const Row& row, const std::vector<size_t>& widths) const {
  size_t height = 1;
  for (const Cell& cell : row) height = std::max(height, cell.size());
  for (size_t line = 0; line < height; ++line) {
    std::string text;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += kGap;
      text += Aligned(line < row[i].size() ? row[i][line] : "", widths[i], columns_[i].right);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

void Table::Print(std::ostream& out, bool headers) const {
  const std::vector<size_t> widths = Widths(headers);
  if (headers) {
    Row titles;
    for (const Column& column : columns_) titles.push_back({column.title});
    PrintRow(out, titles, widths);
  }
  for (const Row& row : rows_) PrintRow(out, row, widths);
}

}  // namespace capmon
