// SPDX-License-Identifier: Apache-2.0
#include "client/top/terminal.h"

#include <ncurses.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

constexpr int kEscapeDelayMs = 25;
enum Pair : short { kGreen = 1, kYellow, kRed };

constexpr int kEscape = 27;
constexpr int kDelete = 127;
constexpr int kEndOfBytes = 256;  // greater codes are keys

// Returns kNone for what is no command. `text`: letters are none.
Key KeyOfCode(int code, bool text) {
  switch (code) {
    case KEY_UP: return Key::kUp;
    case KEY_DOWN: return Key::kDown;
    case KEY_PPAGE: return Key::kPageUp;
    case KEY_NPAGE: return Key::kPageDown;
    case KEY_HOME: return Key::kHome;
    case KEY_END: return Key::kEnd;
    case '\r':
    case '\n':
    case KEY_ENTER: return Key::kEnter;
    case kEscape: return Key::kBack;
    case '\b':
    case kDelete:
    case KEY_BACKSPACE: return text ? Key::kErase : Key::kBack;
    default: break;
  }
  switch (text ? ERR : code) {
    case 'q': return Key::kQuit;
    case 'k': return Key::kUp;
    case 'j': return Key::kDown;
    case ' ': return Key::kPageDown;
    case 's': return Key::kSort;
    case '/': return Key::kFilter;
    case 'h':
    case '?': return Key::kHelp;
    default: return Key::kNone;
  }
}

std::string TerminalName() {
  const char* const name = std::getenv("TERM");
  return name == nullptr ? "" : name;
}

// Replaces characters that a locale without UTF-8 cannot show.
std::string Encoded(const std::string& text) {
  if (MB_CUR_MAX > 1) return text;
  std::string ascii;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) ascii += c;
    if (byte >= 0xc0) ascii += '?';
  }
  return ascii;
}

void UseColours() {
  start_color();
  use_default_colors();
  init_pair(kGreen, COLOR_GREEN, -1);
  init_pair(kYellow, COLOR_YELLOW, -1);
  init_pair(kRed, COLOR_RED, -1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Terminal>> Terminal::Open(bool colour) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
    return absl::InvalidArgumentError(
        "capmon top needs a terminal; capmon list -o matrix prints the same once");
  const std::string name = TerminalName();
  // newterm() accepts a terminal that cannot move its cursor, and then draws garbage.
  if (name.empty() || name == "dumb" || newterm(nullptr, stdout, stdin) == nullptr)
    return absl::InvalidArgumentError(
        absl::StrCat("capmon top cannot draw on a terminal of the kind \"", name,
                     "\" ($TERM); capmon list -o matrix prints the same once"));
  std::unique_ptr<Terminal> terminal(new Terminal(colour && has_colors()));
  if (terminal->colour_) UseColours();
  cbreak();
  noecho();
  nonl();
  curs_set(0);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(kEscapeDelayMs);
  return terminal;
}

Terminal::~Terminal() { endwin(); }

Size Terminal::size() const { return {static_cast<size_t>(LINES), static_cast<size_t>(COLS)}; }

int Terminal::AttributesOf(Span::Style style) const {
  const auto colour = [&](Pair pair, int otherwise) {
    return colour_ ? static_cast<int>(COLOR_PAIR(pair)) : otherwise;
  };
  switch (style) {
    case Span::Style::kPlain: break;
    case Span::Style::kTitle: return A_BOLD;
    case Span::Style::kSelected: return A_REVERSE;
    case Span::Style::kUsed: return colour(kGreen, A_NORMAL);
    case Span::Style::kUnused: return colour(kYellow, A_NORMAL);
    case Span::Style::kDenied: return colour(kRed, A_BOLD);
    case Span::Style::kFaint: return A_DIM;
    case Span::Style::kAlarm: return colour(kRed, A_NORMAL) | A_REVERSE;
  }
  return A_NORMAL;
}

void Terminal::Draw(const std::vector<Line>& lines) {
  erase();
  for (size_t row = 0; row < lines.size(); ++row) {
    // A wide character of the line above may continue here.
    move(static_cast<int>(row), 0);
    clrtoeol();
    for (const Span& span : lines[row]) {
      attrset(AttributesOf(span.style));
      mvaddstr(static_cast<int>(row), static_cast<int>(span.column), Encoded(span.text).c_str());
    }
  }
  attrset(A_NORMAL);
  refresh();
}

Typed Terminal::Read(bool text) {
  while (true) {
    const int code = getch();
    if (code == ERR) return {};
    if (text && code >= ' ' && code < kEndOfBytes && code != kDelete)
      return {Key::kNone, std::string(1, static_cast<char>(code))};
    if (const Key key = KeyOfCode(code, text); key != Key::kNone) return {key, ""};
  }
}

void Terminal::Resize() {
  winsize window = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row > 0 && window.ws_col > 0)
    resizeterm(window.ws_row, window.ws_col);
}

void Terminal::Suspend() {
  endwin();
  std::raise(SIGSTOP);
  Resize();
  clearok(stdscr, TRUE);
}

}  // namespace capmon
