// SPDX-License-Identifier: Apache-2.0
#include "client/top/columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/render/matrix.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

constexpr size_t kLongestName = 32, kShortestName = 12;
constexpr size_t kPitch = 4;  // columns per capability
constexpr size_t kPiece = 3;  // letters of a name in one line
constexpr size_t kRisk = 5;   // "  123"
constexpr size_t kHeld = 5;   // "   14"
constexpr size_t kMore = 5;   // "  +12"
constexpr size_t kChecks = 11;

Span::Style StyleOf(Cell cell) {
  switch (cell) {
    case Cell::kUsed: return Span::Style::kUsed;
    case Cell::kUnused: return Span::Style::kUnused;
    case Cell::kDenied: return Span::Style::kDenied;
    case Cell::kUnknown: return Span::Style::kPlain;
    case Cell::kAbsent: break;
  }
  return Span::Style::kFaint;
}

std::string Right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, Width(text)), ' ') + text;
}

}  // namespace

std::string NamesByRisk(CapabilitySet set) {
  std::vector<std::string> names;
  for (const Capability capability : ByWeight(set))
    names.push_back(ShortCapabilityName(capability));
  return absl::StrJoin(names, ", ");
}

std::vector<std::string> Pieces(const std::string& short_name) {
  std::vector<std::string> words = absl::StrSplit(short_name, '_');
  if (words.size() == 1 && words[0].size() > kPiece)
    words = {words[0].substr(0, kPiece), words[0].substr(kPiece)};
  if (words.size() > kTitleLines) words.resize(kTitleLines);
  for (std::string& word : words) word = word.substr(0, kPiece);
  return words;
}

TopColumns::TopColumns(const Matrix& matrix, size_t width, bool ascii)
    : matrix_(matrix), width_(width), ascii_(ascii) {
  name_ = kShortestName;
  for (const MatrixRow& row : matrix.rows) name_ = std::max(name_, Width(Printable(row.name)));
  name_ = std::min({name_, kLongestName, std::max(width / 5, kShortestName)});
  const size_t room = width - std::min(width, name_ + kRisk + kHeld + kChecks + 1);
  drawn_ = matrix.columns.size();
  if (drawn_ * kPitch > room) drawn_ = (room - std::min(room, kMore)) / kPitch;
}

void TopColumns::DrawTitles(std::vector<Line>& lines) const {
  for (size_t line = 0; line < kTitleLines; ++line) {
    const bool last = line + 1 == kTitleLines;
    std::string text = last
                           ? absl::StrCat("NAME", std::string(name_ - 4, ' '), Right("RISK", kRisk),
                                          Right("HELD", kHeld), Right("CHECKS", kChecks), " ")
                           : std::string(name_ + kRisk + kHeld + kChecks + 1, ' ');
    for (size_t i = 0; i < drawn_; ++i) {
      std::string piece;
      const auto pieces = Pieces(ShortCapabilityName(matrix_.columns[i]));
      const size_t above = kTitleLines - pieces.size();
      if (line >= above) piece = pieces[line - above];
      piece.resize(kPiece, ' ');
      absl::StrAppend(&text, " ", piece);
    }
    if (last && drawn_ < matrix_.columns.size()) text += " MORE";
    text.erase(text.find_last_not_of(' ') + 1);
    lines.push_back({{0, Shortened(text, width_, ascii_), Span::Style::kTitle}});
  }
}

Line TopColumns::DrawRow(const MatrixRow& row, bool selected) const {
  const bool known = row.summary.held_known();
  const Span::Style style = selected ? Span::Style::kSelected : Span::Style::kPlain;
  Line line = {{0, Shortened(Printable(row.name), name_, ascii_), style}};
  size_t at = name_;
  const auto add = [&](const std::string& text, Span::Style how) {
    if (at + Width(text) <= width_) line.push_back({at, text, how});
    at += Width(text);
  };
  add(Right(row.RiskText(), kRisk), style);
  add(Right(known ? absl::StrCat(row.held.size()) : "?", kHeld), style);
  add(Right(Grouped(row.summary.checks()), kChecks), style);
  ++at;
  for (size_t i = 0; i < drawn_; ++i, at += kPitch) {
    const Cell cell = row.at(matrix_.columns[i]);
    line.push_back({at + 2, Symbol(cell, ascii_), StyleOf(cell)});
  }
  const auto hidden = std::count_if(matrix_.columns.begin() + drawn_, matrix_.columns.end(),
                                    [&](Capability c) { return row.at(c) == Cell::kUnused; });
  if (hidden > 0) add(Right(absl::StrCat("+", hidden), kMore), Span::Style::kUnused);
  return line;
}

}  // namespace capmon
