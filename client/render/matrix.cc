// SPDX-License-Identifier: Apache-2.0
#include "client/render/matrix.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "common/utf8.h"

namespace capmon {
namespace {

constexpr size_t kLongestName = 40, kShortestName = 12;
constexpr size_t kRiskWidth = 4;
constexpr size_t kMoreWidth = 6;  // " +12", and air
constexpr size_t kPitch = 2;      // columns per capability
constexpr size_t kNoteWidth = 100;
constexpr size_t kLegendGap = 3;

const char* ColourOf(Cell cell) {
  switch (cell) {
    case Cell::kUsed: return "\x1b[32m";
    case Cell::kUnused: return "\x1b[33m";
    case Cell::kDenied: return "\x1b[31m";
    case Cell::kUnknown: return "\x1b[35m";
    case Cell::kAbsent: break;
  }
  return "\x1b[2m";
}

std::string Drawn(Cell cell, const TerminalStyle& style) {
  const char* const symbol = Symbol(cell, style.ascii);
  return style.colour ? absl::StrCat(ColourOf(cell), symbol, "\x1b[0m") : symbol;
}

std::string Padded(std::string text, size_t width) {
  text.append(width - std::min(width, Width(text)), ' ');
  return text;
}

// The widths of the columns.
struct Layout {
  size_t name = 0;   // width
  size_t drawn = 0;  // capabilities that fit
  bool all(const Matrix& matrix) const { return drawn == matrix.columns.size(); }
};

Layout LayoutOf(const Matrix& matrix, size_t width) {
  Layout layout{.name = Width("NAME"), .drawn = matrix.columns.size()};
  for (const MatrixRow& row : matrix.rows)
    layout.name = std::max(layout.name, Width(Printable(row.name)));
  layout.name = std::min(layout.name, kLongestName);
  if (width == 0) return layout;
  const size_t cells = kPitch * matrix.columns.size();
  const size_t rest = 1 + kRiskWidth + 1;
  if (layout.name + rest + cells <= width) return layout;
  // Shortens names first, to a limit; then omits columns.
  const size_t room = width - std::min(width, rest + cells);
  layout.name = std::min(layout.name, std::max(room, kShortestName));
  if (layout.name + rest + cells <= width) return layout;
  const size_t taken = layout.name + rest + kMoreWidth;
  layout.drawn = std::min(matrix.columns.size(), (width - std::min(width, taken)) / kPitch);
  return layout;
}

// Draws names vertically, with their last letters in one line.
void RenderTitles(std::ostream& out, const Matrix& matrix, const Layout& layout) {
  std::vector<std::string> names;
  size_t height = 1;
  for (size_t i = 0; i < layout.drawn; ++i) {
    names.push_back(ShortCapabilityName(matrix.columns[i]));
    height = std::max(height, names.back().size());
  }
  for (size_t line = 0; line < height; ++line) {
    const bool last = line + 1 == height;
    std::string text = Padded(last ? "NAME" : "", layout.name) + (last ? " RISK " : "      ");
    for (const std::string& name : names) {
      const size_t above = height - name.size();
      text += absl::StrCat(" ", std::string(1, line < above ? ' ' : name[line - above]));
    }
    if (last && !layout.all(matrix)) text += " MORE";
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

size_t HiddenUnused(const Matrix& matrix, const MatrixRow& row, const Layout& layout) {
  return static_cast<size_t>(
      std::count_if(matrix.columns.begin() + layout.drawn, matrix.columns.end(),
                    [&](Capability c) { return row.at(c) == Cell::kUnused; }));
}

void RenderRow(std::ostream& out, const Matrix& matrix, const MatrixRow& row, const Layout& layout,
               const TerminalStyle& style) {
  out << Padded(Shortened(Printable(row.name), layout.name, style.ascii), layout.name) << ' ';
  const std::string risk = row.RiskText();
  out << std::string(kRiskWidth - std::min(kRiskWidth, risk.size()), ' ') << risk << ' ';
  for (size_t i = 0; i < layout.drawn; ++i) out << ' ' << Drawn(row.at(matrix.columns[i]), style);
  const size_t hidden = layout.all(matrix) ? 0 : HiddenUnused(matrix, row, layout);
  if (hidden > 0) out << " +" << hidden;
  out << '\n';
}

// Puts as many entries in a line as fit.
void RenderLegend(std::ostream& out, const TerminalStyle& style) {
  size_t column = 0;
  for (const auto& [cell, meaning] :
       {std::pair{Cell::kUsed, "needed"}, std::pair{Cell::kUnused, "held, not needed"},
        std::pair{Cell::kUnknown, "unknown"}, std::pair{Cell::kDenied, "denied"},
        std::pair{Cell::kAbsent, "not held"}}) {
    const size_t width = 2 + Width(meaning);
    const bool fits = style.width == 0 || column + kLegendGap + width <= style.width;
    if (column > 0) out << (fits ? std::string(kLegendGap, ' ') : "\n");
    out << Drawn(cell, style) << ' ' << meaning;
    column = (column > 0 && fits ? column + kLegendGap : 0) + width;
  }
  out << '\n';
}

void RenderNote(std::ostream& out, const std::string& note, const TerminalStyle& style) {
  for (const std::string& line :
       Wrapped(note, style.width == 0 ? kNoteWidth : std::min(style.width, kNoteWidth)))
    out << line << '\n';
}

void RenderNotes(std::ostream& out, const Matrix& matrix, const Layout& layout,
                 const TerminalStyle& style) {
  out << '\n';
  RenderLegend(out, style);
  RenderNote(
      out,
      "RISK: the sum of the weights of capabilities that it can use and does not need; +: a "
      "set-user-ID program that was never executed could add to it; ?: what it holds is not known.",
      style);
  if (layout.all(matrix)) return;
  std::vector<std::string> names;
  for (size_t i = layout.drawn; i < matrix.columns.size(); ++i)
    names.push_back(ShortCapabilityName(matrix.columns[i]));
  RenderNote(out,
             absl::StrCat("MORE: capabilities held and not needed, among the ", names.size(),
                          " less dangerous ones that do not fit: ", absl::StrJoin(names, ", ")),
             style);
}

}  // namespace

const char* Symbol(Cell cell, bool ascii) {
  switch (cell) {
    case Cell::kUsed: return ascii ? "#" : "●";
    case Cell::kUnused: return ascii ? "o" : "○";
    case Cell::kDenied: return ascii ? "!" : "✗";
    case Cell::kUnknown: return "?";
    case Cell::kAbsent: break;
  }
  return ascii ? "." : "·";
}

std::string Shortened(const std::string& printable, size_t width, bool ascii) {
  if (Width(printable) <= width) return printable;
  std::string kept;
  for (size_t columns = 0, at = 0; at < printable.size();) {
    const auto point = FirstCodePoint(std::string_view(printable).substr(at));
    columns += point ? Width(point->value) : 1;
    if (columns + 1 > width) break;
    const size_t bytes = point ? point->bytes : 1;
    kept += printable.substr(at, bytes);
    at += bytes;
  }
  return width == 0 ? "" : kept + (ascii ? "~" : "…");
}

void RenderMatrix(std::ostream& out, const Matrix& matrix, const TerminalStyle& style,
                  bool headers) {
  const Layout layout = LayoutOf(matrix, style.width);
  if (headers) RenderTitles(out, matrix, layout);
  for (const MatrixRow& row : matrix.rows) RenderRow(out, matrix, row, layout, style);
  if (headers) RenderNotes(out, matrix, layout, style);
}

}  // namespace capmon
