// SPDX-License-Identifier: Apache-2.0
// The terminal as a screen, by ncurses. One at a time, on one thread.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "client/top/screen.h"

namespace capmon {

class Terminal {
 public:
  // Takes over the terminal of standard input and output. INVALID_ARGUMENT when they are none, or
  // one that cannot move its cursor. The locale is set by then.
  static absl::StatusOr<std::unique_ptr<Terminal>> Open(bool colour);
  ~Terminal();  // leaves it as it was
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  Size size() const;
  void Draw(const std::vector<Line>& lines);
  // What was typed and not yet read; kNone when there is nothing more.
  Key Read();
  void Resize();   // to what the terminal says it is now
  void Suspend();  // gives it back, stops this process, and takes it again afterwards

 private:
  explicit Terminal(bool colour) : colour_(colour) {}
  int AttributesOf(Span::Style style) const;

  const bool colour_;
};

}  // namespace capmon
