// SPDX-License-Identifier: Apache-2.0
// The content of `capmon top`, and what keys do to it. Pure: uses neither terminal nor daemon.
#pragma once

#include <string>
#include <vector>

#include "client/risk/matrix.h"
#include "client/top/screen.h"

namespace capmon {

class TopView {
 public:
  explicit TopView(bool ascii) : ascii_(ascii) {}

  void Show(const v1::ListContainersResponse& containers);
  // Details of the selected container, as lines; shown after Enter.
  void ShowDetails(std::vector<std::string> lines) { details_ = std::move(lines); }
  // Says why the data may be old; "" if it is not.
  void SetBanner(const std::string& banner) { banner_ = banner; }

  // Returns false if the user quits.
  bool Press(Key key, Size size);
  // True while letters are parts of the filter.
  bool typing() const { return typing_; }
  void Type(const std::string& letter);
  std::vector<Line> Draw(Size size) const;

  // The container whose details are open; null if none.
  const v1::Container* wanted() const;

 private:
  enum class Page { kMatrix, kDetails, kHelp };

  size_t Height(Size size) const;  // rows of the page's body
  size_t Length() const;           // lines of the page
  void Move(long by, Size size);
  void Select(size_t index, Size size);
  void Follow();  // keeps the selection on its container when rows move
  void Filter();  // shows the rows whose name has the filter in it
  bool PressWhileTyping(Key key);
  void Back();  // returns to the matrix, or there shows all rows
  void Sort();
  void DrawMatrix(std::vector<Line>& lines, Size size) const;
  void DrawText(std::vector<Line>& lines, const std::vector<std::string>& text, Size size) const;
  Line TopLine(Size size) const;
  Line LegendLine(Size size) const;
  Line StatusLine(Size size) const;

  const bool ascii_;
  Page page_ = Page::kMatrix;
  MatrixOrder order_ = MatrixOrder::kRisk;
  Matrix all_;
  Matrix matrix_;  // the rows that fit the filter; columns of all
  std::string filter_;
  bool typing_ = false;
  std::string selected_;  // key of the selected container
  size_t cursor_ = 0;     // its row
  size_t first_ = 0;      // first visible row
  size_t scroll_ = 0;     // offset of details and help
  std::vector<std::string> details_;
  std::string banner_;
};

}  // namespace capmon
