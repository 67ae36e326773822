// SPDX-License-Identifier: Apache-2.0
// The terminal as a screen, through ncurses. One object at a time, on one thread.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "client/top/screen.h"

namespace capmon {

class Terminal {
 public:
  // Takes the terminal of standard input and output. INVALID_ARGUMENT if they are no terminal, or
  // one that cannot move its cursor. The locale must be set.
  static absl::StatusOr<std::unique_ptr<Terminal>> Open(bool colour);
  ~Terminal();  // restores the terminal
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  Size size() const;
  void Draw(const std::vector<Line>& lines);
  // Returns the next key, or the next letter if text is typed; kNone if there is none.
  Typed Read(bool text);
  void Resize();  // reads the new size
  // Restores the terminal, stops this process, and takes the terminal again afterwards.
  void Suspend();

 private:
  explicit Terminal(bool colour) : colour_(colour) {}
  int AttributesOf(Span::Style style) const;

  const bool colour_;
};

}  // namespace capmon
