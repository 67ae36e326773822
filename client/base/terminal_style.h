// SPDX-License-Identifier: Apache-2.0
// How a screen is drawn: its width, characters and colours.
#pragma once

#include <cstddef>
#include <string>

namespace capmon {

enum class Colour { kAuto, kAlways, kNever };

struct TerminalStyleOptions {
  Colour colour = Colour::kAuto;
  bool ascii = false;  // draws with ASCII only; names stay as they are
};

struct TerminalStyle {
  bool colour = false;
  bool ascii = false;
  size_t width = 0;  // columns; 0: no limit
};

// Combines the options with what standard output can show. $NO_COLOR and TERM=dumb turn colours off
// unless an option turns them on; a locale other than UTF-8 means ASCII. $COLUMNS is the width if
// standard output is no terminal.
TerminalStyle TerminalStyleOf(const TerminalStyleOptions& options);

}  // namespace capmon
