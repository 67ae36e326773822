// SPDX-License-Identifier: Apache-2.0
// Lines and keys: the interface between a screen and its content.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace capmon {

enum class Key {
  kNone,
  kQuit,
  kUp,
  kDown,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kSort,
  kHelp,
  kEnter,
  kBack,
  kFilter,
  kErase,  // of a typed letter
};

// A key, or, while text is typed, a letter.
struct Typed {
  Key key = Key::kNone;
  std::string letter;  // one byte of a name; "" if it is a key
};

struct Size {
  size_t rows = 0;
  size_t columns = 0;
};

// A part of a line, in one style.
struct Span {
  enum class Style { kPlain, kTitle, kSelected, kUsed, kUnused, kDenied, kFaint, kAlarm };
  size_t column = 0;
  std::string text;  // printable
  Style style = Style::kPlain;
};
using Line = std::vector<Span>;

}  // namespace capmon
