// SPDX-License-Identifier: Apache-2.0
#include "client/base/terminal_style.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"

namespace capmon {
namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool ColourByItself() {
  return ::isatty(STDOUT_FILENO) == 1 && Environment("NO_COLOR").empty() &&
         Environment("TERM") != "dumb";
}

size_t WidthOfOutput() {
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  unsigned columns = 0;
  return absl::SimpleAtoi(Environment("COLUMNS"), &columns) ? columns : 0;
}

}  // namespace

TerminalStyle TerminalStyleOf(const TerminalStyleOptions& options) {
  std::setlocale(LC_CTYPE, "");
  TerminalStyle style;
  style.colour =
      options.colour == Colour::kAlways || (options.colour == Colour::kAuto && ColourByItself());
  style.ascii = options.ascii || std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0;
  style.width = WidthOfOutput();
  return style;
}

}  // namespace capmon
