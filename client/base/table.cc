// SPDX-License-Identifier: Apache-2.0
#include "client/base/table.h"

#include <algorithm>

#include "client/base/text.h"

namespace capmon {
namespace {

constexpr char kGap[] = "  ";
constexpr size_t kGapWidth = 2;
constexpr char kBelow[] = "    ";  // before a cell that is below its row
constexpr size_t kBelowWidth = 4;
constexpr size_t kLeastLast = 28;  // a narrower last column goes below

std::string Aligned(const std::string& text, size_t width, bool right) {
  const std::string fill(width - std::min(width, Width(text)), ' ');
  return right ? fill + text : text + fill;
}

std::vector<std::string> LinesOf(const std::string& text, size_t wrap) {
  return wrap == 0 ? std::vector<std::string>{text} : Wrapped(text, wrap);
}

}  // namespace

void Table::Add(std::vector<std::string> cells) {
  Row row;
  for (size_t i = 0; i < columns_.size(); ++i)
    row.push_back(i < cells.size() ? Printable(cells[i]) : "");
  rows_.push_back(std::move(row));
}

size_t Table::WidthOf(size_t column, size_t wrap, bool headers) const {
  size_t width = columns_[column].at_least;
  if (headers) width = std::max(width, Width(columns_[column].title));
  for (const Row& row : rows_)
    for (const std::string& line : LinesOf(row[column], wrap)) width = std::max(width, Width(line));
  return width;
}

size_t Table::LongestWord(size_t column) const {
  size_t width = 1;
  for (const Row& row : rows_)
    for (const std::string& word : Wrapped(row[column], 1)) width = std::max(width, Width(word));
  return width;
}

size_t Table::WidthOfOthers(const Layout& layout) const {
  size_t width = 0;
  for (size_t i = 0; i + 1 < columns_.size(); ++i) width += layout.widths[i] + kGapWidth;
  return width;
}

Table::Layout Table::LayoutFor(size_t width, bool headers) const {
  Layout layout;
  for (size_t i = 0; i < columns_.size(); ++i) {
    layout.wraps.push_back(columns_[i].wrap);
    layout.widths.push_back(WidthOf(i, columns_[i].wrap, headers));
  }
  if (width == 0 || columns_.empty()) return layout;
  const size_t last = columns_.size() - 1;
  const size_t wanted = std::min(kLeastLast, WidthOf(last, 0, headers));
  for (size_t i = 0; i < last; ++i) {
    const size_t needed = WidthOfOthers(layout) + wanted;
    if (columns_[i].wrap == 0 || needed <= width) continue;
    const size_t narrower = layout.widths[i] - std::min(layout.widths[i], needed - width);
    layout.wraps[i] = std::max(LongestWord(i), narrower);
    layout.widths[i] = WidthOf(i, layout.wraps[i], headers);
  }
  const size_t others = WidthOfOthers(layout);
  layout.last_below = last > 0 && others + wanted > width;
  const size_t before = layout.last_below ? kBelowWidth : others;
  layout.wraps[last] = width > before ? width - before : 1;
  layout.widths[last] = WidthOf(last, layout.wraps[last], headers);
  return layout;
}

void Table::PrintRow(std::ostream& out, const Row& row, const Layout& layout) const {
  const size_t beside = row.size() - (layout.last_below ? 1 : 0);
  std::vector<std::vector<std::string>> cells;
  size_t height = 1;
  for (size_t i = 0; i < row.size(); ++i) {
    cells.push_back(LinesOf(row[i], layout.wraps[i]));
    if (i < beside) height = std::max(height, cells[i].size());
  }
  for (size_t line = 0; line < height; ++line) {
    std::string text;
    for (size_t i = 0; i < beside; ++i) {
      if (i > 0) text += kGap;
      text += Aligned(line < cells[i].size() ? cells[i][line] : "", layout.widths[i],
                      columns_[i].right);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
  if (layout.last_below && !row.back().empty())
    for (const std::string& line : cells.back()) out << kBelow << line << '\n';
}

void Table::Print(std::ostream& out, bool headers, size_t width,
                  std::vector<size_t>* widths) const {
  Layout layout = LayoutFor(width, headers);
  if (widths != nullptr) {
    widths->resize(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i)
      (*widths)[i] = layout.widths[i] = std::max(layout.widths[i], (*widths)[i]);
  }
  if (headers) {
    Row titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    PrintRow(out, titles, layout);
  }
  for (const Row& row : rows_) PrintRow(out, row, layout);
}

}  // namespace capmon
