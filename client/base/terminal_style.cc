// SPDX-License-Identifier: Apache-2.0
#include "client/base/terminal_style.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstring>

#include "absl/strings/numbers.h"
#include "client/base/environment.h"

namespace capmon {
namespace {

bool ColourByItself() {
  return ::isatty(STDOUT_FILENO) == 1 && EnvironmentVariable("NO_COLOR").empty() &&
         EnvironmentVariable("TERM") != "dumb";
}

size_t WidthOfOutput() {
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  unsigned columns = 0;
  return absl::SimpleAtoi(EnvironmentVariable("COLUMNS"), &columns) ? columns : 0;
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
