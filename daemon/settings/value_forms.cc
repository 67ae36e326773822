// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/value_forms.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/edit_distance.h"
#include "common/utf8.h"

namespace capmon {
namespace {

constexpr size_t kMostShown = 60;

struct NumberWithUnit {
  uint64_t number = 0;
  std::string unit;
};

std::optional<NumberWithUnit> Split(std::string_view text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  NumberWithUnit split;
  if (digits == 0 || !absl::SimpleAtoi(std::string(text.substr(0, digits)), &split.number))
    return std::nullopt;
  split.unit = std::string(text.substr(digits));
  return split;
}

// Nothing if the product does not fit.
std::optional<uint64_t> Times(std::string_view text, const std::map<std::string, uint64_t>& units) {
  const auto split = Split(text);
  if (!split) return std::nullopt;
  const auto unit = units.find(split->unit);
  if (unit == units.end() || split->number > std::numeric_limits<int64_t>::max() / unit->second)
    return std::nullopt;
  return split->number * unit->second;
}

// Equal for "baseline-after", "baselineAfter" and "baseline_after".
std::string WithoutStyle(std::string_view word) {
  std::string plain;
  for (const char c : word)
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)))
      plain += absl::ascii_tolower(static_cast<unsigned char>(c));
  return plain;
}

bool IsHost(std::string_view host) {
  constexpr size_t kLongestHost = 255;
  return !host.empty() && host.size() <= kLongestHost && host.front() != '-' &&
         std::ranges::all_of(host, [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  std::string_view("-._:%").find(c) != std::string_view::npos;
         });
}

}  // namespace

std::string InQuotes(std::string_view text) {
  std::string shown = "\"";
  for (const char c : ToUtf8(text.substr(0, kMostShown))) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)))
      absl::StrAppend(&shown, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    else
      shown += c;
  }
  return shown + (text.size() > kMostShown ? "..." : "") + "\"";
}

std::optional<std::chrono::milliseconds> ParseTimeSpan(std::string_view text) {
  static const auto& kUnits = *new std::map<std::string, uint64_t>{
      {"", 1000},       {"ms", 1},          {"s", 1000},
      {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 24 * 3600 * 1000}};
  const auto time = Times(text, kUnits);
  if (!time) return std::nullopt;
  return std::chrono::milliseconds(*time);
}

std::optional<uint64_t> ParseSize(std::string_view text) {
  static const auto& kUnits = *new std::map<std::string, uint64_t>{
      {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
  return Times(text, kUnits);
}

std::optional<TimeNs> ParseDate(std::string_view text) {
  constexpr absl::Duration kDay = absl::Hours(24);
  const bool day_only = text.find('T') == text.npos;
  absl::Time time;
  if (!absl::ParseTime(day_only ? "%Y-%m-%d" : absl::RFC3339_full, std::string(text), &time,
                       nullptr))
    return std::nullopt;
  const int64_t seconds = absl::ToUnixSeconds(day_only ? time + kDay : time);
  if (seconds <= 0 || seconds > std::numeric_limits<int64_t>::max() / kSecond) return std::nullopt;
  return static_cast<TimeNs>(seconds) * kSecond;
}

std::string TimeText(std::chrono::milliseconds time) {
  const int64_t count = time.count();
  for (const auto& [unit, size] : {std::pair("d", 86'400'000), std::pair("h", 3'600'000),
                                   std::pair("m", 60'000), std::pair("s", 1'000)})
    if (count != 0 && count % size == 0) return absl::StrCat(count / size, unit);
  return count == 0 ? "0" : absl::StrCat(count, "ms");
}

std::string Alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    absl::StrAppend(&text, i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
  return text;
}

std::string Nearest(std::string_view word, const std::vector<std::string>& words) {
  constexpr size_t kLongest = 64;
  if (word.size() > kLongest) return "";
  const std::string plain = WithoutStyle(word);
  std::string nearest;
  size_t least = std::max<size_t>(plain.size() / 3, 1) + 1;
  for (const std::string& candidate : words) {
    const size_t distance = EditDistance(plain, WithoutStyle(candidate));
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::optional<HostAndPort> ParseHostAndPort(std::string_view text) {
  HostAndPort result;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    result.host = std::string(text.substr(1, end - 1));
    port = text.substr(end + 1);
  } else {
    const size_t colon = text.find(':');
    result.host = std::string(text.substr(0, colon));
    port = colon == text.npos ? std::string_view() : text.substr(colon);
    if (result.host.find(':') != result.host.npos) return std::nullopt;
  }
  if (!IsHost(result.host)) return std::nullopt;
  if (port.empty()) return result;
  uint32_t number = 0;
  if (port[0] != ':' || !absl::SimpleAtoi(std::string(port.substr(1)), &number) || number == 0 ||
      number > std::numeric_limits<uint16_t>::max() || !absl::ascii_isdigit(port[1]))
    return std::nullopt;
  result.port = static_cast<uint16_t>(number);
  return result;
}

std::optional<Url> ParseUrl(std::string_view text) {
  const size_t colon = text.find("://");
  if (colon == text.npos || colon == 0) return std::nullopt;
  if (std::ranges::any_of(text, [](char c) {
        return c == ' ' || absl::ascii_iscntrl(static_cast<unsigned char>(c));
      }))
    return std::nullopt;
  Url url;
  url.scheme = std::string(text.substr(0, colon));
  std::string_view server = text.substr(colon + 3);
  const size_t path = std::min(server.find_first_of("/?#"), server.size());
  url.rest = std::string(server.substr(path));
  server = server.substr(0, path);
  if (const size_t at = server.rfind('@'); at != server.npos) {
    url.user = std::string(server.substr(0, at));
    server = server.substr(at + 1);
  }
  const auto parsed = ParseHostAndPort(server);
  if (!parsed) return std::nullopt;
  url.server = *parsed;
  return url;
}

}  // namespace capmon
