// SPDX-License-Identifier: Apache-2.0
// How a screen may be drawn: its width, its characters, its colours.
#pragma once

#include <cstddef>
#include <string>

namespace capmon {

enum class Colour { kAuto, kAlways, kNever };

struct LookOptions {
  Colour colour = Colour::kAuto;
  bool ascii = false;  // nothing beyond ASCII in drawings; names stay as they are
};

struct Look {
  bool colour = false;
  bool ascii = false;
  size_t width = 0;  // columns; 0: no limit
};

// What is asked for and what standard output can do. $NO_COLOR and TERM=dumb mean no colour unless
// it is asked for; a locale other than UTF-8 means ASCII. $COLUMNS is the width where standard
// output is no terminal.
Look LookOf(const LookOptions& options);

}  // namespace capmon
