// SPDX-License-Identifier: Apache-2.0
// Aligned columns of text, safe for a terminal: every cell is made printable.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace capmon {

class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;   // aligned to the right
    size_t wrap = 0;      // longer cells continue in the next line; 0: never
    size_t at_least = 0;  // least width, for rows that are printed one at a time
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // One cell per column.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // `width`: of the terminal. The last column takes what the others leave, or its cells go below
  // their rows if that is too little; words are never broken. 0: no limit. `widths`, if given, are
  // those of the rows printed before: no column becomes narrower.
  void Print(std::ostream& out, bool headers, size_t width = 0,
             std::vector<size_t>* widths = nullptr) const;

 private:
  using Row = std::vector<std::string>;
  struct Layout {
    std::vector<size_t> wraps;  // by column; 0: not wrapped
    std::vector<size_t> widths;
    bool last_below = false;
  };

  size_t WidthOf(size_t column, size_t wrap, bool headers) const;
  size_t LongestWord(size_t column) const;
  size_t WidthOfOthers(const Layout& layout) const;
  Layout LayoutFor(size_t width, bool headers) const;
  void PrintRow(std::ostream& out, const Row& row, const Layout& layout) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace capmon
