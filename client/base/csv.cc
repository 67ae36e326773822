// SPDX-License-Identifier: Apache-2.0
#include "client/base/csv.h"

#include "client/base/text.h"

namespace capmon {
namespace {

std::string CsvCell(const std::string& text) {
  std::string cell = Printable(text);
  if (!cell.empty() && std::string("=+-@").find(cell[0]) != std::string::npos) cell.insert(0, "'");
  if (cell.find_first_of(",\"") == cell.npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (&cell == cells.data() ? "" : ",") + CsvCell(cell);
  return line + "\n";
}

}  // namespace capmon
