// SPDX-License-Identifier: Apache-2.0
#include "client/commands/since.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

constexpr int64_t kSecondsOfUnit[] = {24 * 3600, 3600, 60, 1};
constexpr std::string_view kUnits = "dhms";
constexpr int64_t kLongestAgo = int64_t{100} * 365 * 24 * 3600;

// "1h30m": numbers with units, each smaller than the one before. -1 for anything else.
int64_t SecondsOf(std::string_view text) {
  int64_t seconds = 0;
  size_t unit = 0;
  while (!text.empty()) {
    int64_t number = 0;
    size_t digits = 0;
    for (; digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]));
         ++digits)
      number = std::min(number * 10 + (text[digits] - '0'), kLongestAgo);
    if (digits == 0 || digits == text.size()) return -1;
    const size_t found = kUnits.find(text[digits], unit);
    if (found == kUnits.npos) return -1;
    unit = found + 1;
    seconds = std::min(seconds + number * kSecondsOfUnit[found], kLongestAgo);
    text.remove_prefix(digits + 1);
  }
  return seconds;
}

}  // namespace

absl::StatusOr<int64_t> ParseSince(const std::string& text, int64_t now) {
  if (const int64_t ago = SecondsOf(text); ago > 0) return now - ago;
  absl::Time time;
  std::string why;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &why) && time != absl::InfiniteFuture() &&
      time != absl::InfinitePast())
    return absl::ToUnixSeconds(time);
  return absl::InvalidArgumentError(absl::StrCat(
      "--since ", Quoted(text), " is no time; write it like 10m, 2h, 1d or 2026-01-31T12:00:00Z"));
}

}  // namespace capmon
