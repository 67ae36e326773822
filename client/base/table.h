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
  void Print(std::ostream& out, bool headers) const;

 private:
  using Cell = std::vector<std::string>;  // lines
  using Row = std::vector<Cell>;

  std::vector<size_t> Widths(bool headers) const;
  void PrintRow(std::ostream& out, const Row& row, const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace capmon
