// SPDX-License-Identifier: Apache-2.0
#include "client/top/view.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/render/matrix.h"
#include "client/top/columns.h"

namespace capmon {
namespace {

constexpr size_t kAboveMatrix = 1 + kTitleLines;
constexpr size_t kAboveText = 1;
constexpr size_t kBelowMatrix = 2;  // the legend and the selected row
constexpr size_t kBelowText = 1;
constexpr size_t kLeastRowsForLegend = 8;
constexpr size_t kLongestFilter = 64;

bool HasLegend(Size size) { return size.rows >= kLeastRowsForLegend; }

const std::vector<std::string>& HelpText() {
  static const auto* const text = new std::vector<std::string>{
      "",
      "  up, down, PgUp, PgDn, Home, End    move",
      "  Enter                              the profile of the selected container; Esc goes back",
      "  s                                  sort by risk, name, denials, checks",
      "  /                                  show only names with this text; Esc shows all again",
      "  h, ?                               this page",
      "  q, Ctrl-C                          quit",
      "",
      "Rows are containers, columns are capabilities, the most dangerous first. The titles have",
      "three letters of each word; the last line has the full names for the selected row.",
      "",
      "RISK is the sum of the weights of capabilities that it can use and does not need.",
      "MORE counts capabilities held and not needed whose columns do not fit.",
  };
  return *text;
}

// Without regard to the case of ASCII letters.
bool Contains(const std::string& name, const std::string& part) {
  return absl::StrContains(absl::AsciiStrToLower(name), absl::AsciiStrToLower(part));
}

std::string KeyOf(const MatrixRow& row) {
  return absl::StrCat(row.summary.container().cgroup_path(), "\n", row.summary.container().id());
}

}  // namespace

void TopView::Show(const v1::ListContainersResponse& containers) {
  all_ = MatrixOf(containers);
  Filter();
}

void TopView::Filter() {
  matrix_.columns = all_.columns;
  matrix_.rows.clear();
  for (const MatrixRow& row : all_.rows)
    if (Contains(row.name, filter_)) matrix_.rows.push_back(row);
  matrix_.Sort(order_);
  Follow();
}

void TopView::Type(const std::string& letter) {
  if (filter_.size() >= kLongestFilter) return;
  filter_ += letter;
  Filter();
}

void TopView::Follow() {
  const auto found = std::find_if(matrix_.rows.begin(), matrix_.rows.end(),
                                  [&](const MatrixRow& row) { return KeyOf(row) == selected_; });
  if (found != matrix_.rows.end())
    cursor_ = static_cast<size_t>(found - matrix_.rows.begin());
  else if (page_ == Page::kDetails)
    page_ = Page::kMatrix;  // it is gone; shows no other container
  cursor_ = std::min(cursor_, matrix_.rows.size() - std::min<size_t>(1, matrix_.rows.size()));
}

const v1::Container* TopView::wanted() const {
  if (page_ != Page::kDetails || matrix_.rows.empty()) return nullptr;
  return &matrix_.rows[cursor_].summary.container();
}

size_t TopView::Height(Size size) const {
  const size_t below = page_ == Page::kMatrix && HasLegend(size) ? kBelowMatrix : kBelowText;
  const size_t around = (page_ == Page::kMatrix ? kAboveMatrix : kAboveText) + below;
  return size.rows > around ? size.rows - around : 1;
}

size_t TopView::Length() const {
  switch (page_) {
    case Page::kMatrix: return matrix_.rows.size();
    case Page::kDetails: return details_.size();
    case Page::kHelp: break;
  }
  return HelpText().size();
}

void TopView::Select(size_t index, Size size) {
  cursor_ = index;
  selected_ = KeyOf(matrix_.rows[cursor_]);
  if (cursor_ < first_) first_ = cursor_;
  if (cursor_ >= first_ + Height(size)) first_ = cursor_ - Height(size) + 1;
}

void TopView::Move(long by, Size size) {
  const auto clamped = [&](size_t at, size_t last) {
    return static_cast<size_t>(
        std::clamp<long>(static_cast<long>(at) + by, 0, static_cast<long>(last)));
  };
  const size_t length = Length();
  if (page_ != Page::kMatrix)
    scroll_ = clamped(scroll_, length > Height(size) ? length - Height(size) : 0);
  else if (length > 0)
    Select(clamped(cursor_, length - 1), size);
}

bool TopView::PressWhileTyping(Key key) {
  if (key == Key::kBack || key == Key::kEnter || key == Key::kErase) {
    if (key == Key::kErase && !filter_.empty()) {
      // A whole character, which may have several bytes.
      while (filter_.size() > 1 && (filter_.back() & 0xc0) == 0x80) filter_.pop_back();
      filter_.pop_back();
    } else {
      typing_ = false;
      if (key == Key::kBack) filter_.clear();
    }
    Filter();
    return true;
  }
  return false;
}

void TopView::Back() {
  if (page_ == Page::kMatrix && !filter_.empty()) {
    filter_.clear();
    Filter();
  }
  page_ = Page::kMatrix;
}

void TopView::Sort() {
  order_ = order_ == MatrixOrder::kChecks ? MatrixOrder::kRisk
                                          : static_cast<MatrixOrder>(static_cast<int>(order_) + 1);
  matrix_.Sort(order_);
  cursor_ = first_ = 0;
  selected_.clear();
}

bool TopView::Press(Key key, Size size) {
  if (typing_ && PressWhileTyping(key)) return true;
  const long page = static_cast<long>(Height(size));
  const long all = static_cast<long>(Length());
  const auto turn_to = [&](Page target) {
    page_ = page_ == target ? Page::kMatrix : target;
    scroll_ = 0;
  };
  switch (key) {
    case Key::kNone:
    case Key::kErase: break;
    case Key::kQuit: return false;
    case Key::kUp: Move(-1, size); break;
    case Key::kDown: Move(1, size); break;
    case Key::kPageUp: Move(-page, size); break;
    case Key::kPageDown: Move(page, size); break;
    case Key::kHome: Move(-all, size); break;
    case Key::kEnd: Move(all, size); break;
    case Key::kHelp: turn_to(Page::kHelp); break;
    case Key::kBack: Back(); break;
    case Key::kFilter: typing_ = page_ == Page::kMatrix; break;
    case Key::kEnter:
      if (matrix_.rows.empty() || page_ == Page::kHelp) break;
      if (page_ == Page::kMatrix) Select(cursor_, size);
      details_ = {"", "asking ..."};
      turn_to(Page::kDetails);
      break;
    case Key::kSort:
      if (page_ == Page::kMatrix) Sort();
      break;
  }
  return true;
}

Line TopView::TopLine(Size size) const {
  const std::string shown = filter_.empty()
                                ? absl::StrCat(matrix_.rows.size())
                                : absl::StrCat(matrix_.rows.size(), " of ", all_.rows.size());
  const std::string with = filter_.empty() ? "" : absl::StrCat(" with \"", filter_, "\"");
  const std::string text =
      banner_.empty()
          ? absl::StrCat("capmon top   ", shown, " containers", with, "   by ", Name(order_),
                         "   h help, s sort, / filter, Enter details, q quit")
          : banner_;
  return {{0, Shortened(Printable(text), size.columns, ascii_),
           banner_.empty() ? Span::Style::kTitle : Span::Style::kAlarm}};
}

// As many entries as fit.
Line TopView::LegendLine(Size size) const {
  Line line;
  size_t at = 0;
  for (const auto& [cell, style, meaning] :
       {std::tuple{Cell::kUsed, Span::Style::kUsed, "needed"},
        std::tuple{Cell::kUnused, Span::Style::kUnused, "held, not needed"},
        std::tuple{Cell::kUnknown, Span::Style::kPlain, "unknown"},
        std::tuple{Cell::kDenied, Span::Style::kDenied, "denied"},
        std::tuple{Cell::kAbsent, Span::Style::kFaint, "not held"}}) {
    const size_t width = 2 + Width(meaning);
    if (at + width > size.columns) break;
    line.push_back({at, Symbol(cell, ascii_), style});
    line.push_back({at + 2, meaning, Span::Style::kFaint});
    at += width + 3;
  }
  return line;
}

Line TopView::StatusLine(Size size) const {
  if (typing_)
    return {{0,
             Shortened(Printable(absl::StrCat("/", filter_, "_   Enter keeps it, Esc shows all")),
                       size.columns, ascii_),
             Span::Style::kTitle}};
  if (matrix_.rows.empty() || page_ != Page::kMatrix) return {};
  const MatrixRow& row = matrix_.rows[cursor_];
  const std::string text = absl::StrCat(cursor_ + 1, "/", matrix_.rows.size(), " ", row.name,
                                        "   not needed: ", OrDash(NamesByRisk(row.unused())),
                                        "   unknown: ", OrDash(NamesByRisk(row.unknown)),
                                        "   needed: ", OrDash(NamesByRisk(row.used)),
                                        "   denied: ", OrDash(NamesByRisk(row.denied)));
  std::string printable = Printable(text);
  return {{0, Shortened(printable, size.columns, ascii_), Span::Style::kFaint}};
}

void TopView::DrawMatrix(std::vector<Line>& lines, Size size) const {
  const TopColumns columns(matrix_, size.columns, ascii_);
  columns.DrawTitles(lines);
  const size_t height = Height(size);
  // There may be fewer rows, and a smaller window, than when the cursor moved.
  size_t first = std::min(first_, cursor_);
  if (cursor_ >= first + height) first = cursor_ - height + 1;
  for (size_t i = first; i < matrix_.rows.size() && i < first + height; ++i)
    lines.push_back(columns.DrawRow(matrix_.rows[i], i == cursor_));
  if (matrix_.rows.empty())
    lines.push_back({{0,
                      Shortened(all_.rows.empty() ? "no containers yet" : "no name has this text",
                                size.columns, ascii_),
                      Span::Style::kFaint}});
}

void TopView::DrawText(std::vector<Line>& lines, const std::vector<std::string>& text,
                       Size size) const {
  for (size_t i = scroll_; i < text.size() && i < scroll_ + Height(size); ++i)
    lines.push_back({{0, Shortened(text[i], size.columns, ascii_), Span::Style::kPlain}});
}

std::vector<Line> TopView::Draw(Size size) const {
  std::vector<Line> lines = {TopLine(size)};
  if (page_ == Page::kMatrix) DrawMatrix(lines, size);
  if (page_ == Page::kDetails) DrawText(lines, details_, size);
  if (page_ == Page::kHelp) DrawText(lines, HelpText(), size);
  const bool legend = page_ == Page::kMatrix && HasLegend(size);
  const size_t below = legend ? kBelowMatrix : size.rows > 1 ? kBelowText : 0;
  lines.resize(std::max<size_t>(size.rows, 1) - below);
  if (legend) lines.push_back(LegendLine(size));
  lines.push_back(StatusLine(size));
  lines.resize(size.rows);
  return lines;
}

}  // namespace capmon
