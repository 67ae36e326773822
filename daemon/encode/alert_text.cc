// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/alert_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "absl/time/time.h"
#include "common/utf8.h"

namespace capmon {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%d%ET%H:%M:%E9SZ";

bool IsControl(uint32_t point) { return point < 0x20 || (point >= 0x7f && point <= 0x9f); }

bool IsSeparatorOrDirection(uint32_t point) {
  return (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

// The number of printable ASCII characters at the beginning.
size_t PlainBeginning(std::string_view text) {
  const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), plain) - text.begin());
}

}  // namespace

std::string Line(const OrderedJson& document) {
  const std::string text = document.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  std::string line;
  line.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const size_t plain = PlainBeginning(rest);
    line += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    const CodePoint point = FirstCodePoint(rest).value_or(CodePoint{0xfffd, 1});
    // Between strings there are only printable ASCII characters, so this is inside of one.
    if (IsControl(point.value) || IsSeparatorOrDirection(point.value))
      line += fmt::format("\\u{:04x}", point.value);
    else
      line += rest.substr(0, point.bytes);
    rest.remove_prefix(point.bytes);
  }
  return line;
}

std::string Visible(std::string_view text) {
  const std::string utf8 = ToUtf8(text);
  std::string visible;
  for (std::string_view rest = utf8; !rest.empty();) {
    const CodePoint point = FirstCodePoint(rest).value_or(CodePoint{0xfffd, 1});
    if (IsControl(point.value))
      visible += fmt::format("\\x{:02x}", point.value);
    else if (IsSeparatorOrDirection(point.value))
      visible += fmt::format("\\u{:04x}", point.value);
    else
      visible += rest.substr(0, point.bytes);
    rest.remove_prefix(point.bytes);
  }
  return visible;
}

std::string VisibleLines(std::string_view text) {
  std::string lines;
  while (true) {
    const size_t end = text.find('\n');
    lines += Visible(text.substr(0, end));
    if (end == text.npos) return lines;
    lines += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string_view Beginning(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string Rfc3339(TimeNs time) {
  return absl::FormatTime(kTimeFormat, absl::FromUnixNanos(time), absl::UTCTimeZone());
}

std::optional<TimeNs> ParseRfc3339(const std::string& text) {
  absl::Time time;
  std::string ignored;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &ignored)) return std::nullopt;
  constexpr TimeNs kFirst = std::numeric_limits<TimeNs>::min();
  constexpr TimeNs kLast = std::numeric_limits<TimeNs>::max();
  if (time < absl::FromUnixNanos(kFirst) || time > absl::FromUnixNanos(kLast)) return std::nullopt;
  return absl::ToUnixNanos(time);
}

}  // namespace capmon
