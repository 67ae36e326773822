// SPDX-License-Identifier: Apache-2.0
// The layout of the matrix in `capmon top`: three lines of titles, one line for each container.
#pragma once

#include <string>
#include <vector>

#include "client/top/view.h"

namespace capmon {

inline constexpr size_t kTitleLines = 3;

class TopColumns {
 public:
  TopColumns(const Matrix& matrix, size_t width, bool ascii);

  void DrawTitles(std::vector<Line>& lines) const;
  Line DrawRow(const MatrixRow& row, bool selected) const;

 private:
  const Matrix& matrix_;
  const size_t width_;
  const bool ascii_;
  size_t name_ = 0;   // width of names
  size_t drawn_ = 0;  // capabilities that fit
};

// "SYS_ADMIN, NET_RAW": most dangerous first.
std::string NamesByRisk(CapabilitySet set);
// Splits a name into at most three pieces of three letters: "NET", "BIN", "SER".
std::vector<std::string> Pieces(const std::string& short_name);

}  // namespace capmon
