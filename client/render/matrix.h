// SPDX-License-Identifier: Apache-2.0
// `capmon list -o matrix`: a line for each container, a column for each capability.
#pragma once

#include <ostream>

#include "client/base/look.h"
#include "client/risk/matrix.h"

namespace capmon {

// One column wide, "●" or "#".
const char* Symbol(Cell cell, bool ascii);
// At most `width` columns of printable text; what is cut off is marked.
std::string Shortened(const std::string& printable, size_t width, bool ascii);

// Fits look.width: of columns that do not fit, the least dangerous are counted, not drawn.
void RenderMatrix(std::ostream& out, const Matrix& matrix, const Look& look, bool headers);

}  // namespace capmon
