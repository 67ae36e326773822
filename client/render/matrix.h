// SPDX-License-Identifier: Apache-2.0
// `capmon list -o matrix`: a line for each container, a column for each capability.
#pragma once

#include <ostream>

#include "client/base/terminal_style.h"
#include "client/risk/matrix.h"

namespace capmon {

// One column wide, "●" or "#".
const char* Symbol(Cell cell, bool ascii);
// Returns at most `width` columns of printable text and marks a cut.
std::string Shortened(const std::string& printable, size_t width, bool ascii);

// Fits into style.width: counts the least dangerous columns instead of drawing them.
void RenderMatrix(std::ostream& out, const Matrix& matrix, const TerminalStyle& style,
                  bool headers);

}  // namespace capmon
