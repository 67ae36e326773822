// SPDX-License-Identifier: Apache-2.0
#include "client/base/text.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <ctime>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"
#include "daemon/model/loss.h"

namespace capmon {
namespace {

constexpr size_t kShortId = 12;

// Returns true for a character that a terminal executes instead of showing it.
bool IsControl(uint32_t c) {
  const bool c0_c1 = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool direction = c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
                         (c >= 0x2066 && c <= 0x2069);
  const bool invisible = c == 0xfeff || (c & 0xfffe) == 0xfffe || (c >= 0xe0000 && c <= 0xe007f);
  return c0_c1 || direction || invisible;
}

std::string Escaped(uint32_t c) {
  if (c < 0x100) return absl::StrFormat("\\x%02x", c);
  return c > 0xffff ? absl::StrFormat("\\U%08x", c) : absl::StrFormat("\\u%04x", c);
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto point = FirstCodePoint(text);
    const size_t bytes = point ? point->bytes : 1;
    if (point && !IsControl(point->value))
      result += text.substr(0, bytes);
    else
      result += Escaped(point ? point->value : static_cast<unsigned char>(text[0]));
    text.remove_prefix(bytes);
  }
  return result;
}

size_t Width(uint32_t code_point) {
  // wcwidth() uses the locale of the thread, which may not be UTF-8; the text is.
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (code_point < 0x80 || utf8 == nullptr) return 1;
  const locale_t before = ::uselocale(utf8);
  const int width = ::wcwidth(static_cast<wchar_t>(code_point));
  ::uselocale(before);
  return width < 0 ? 1 : static_cast<size_t>(width);
}

size_t Width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const auto point = FirstCodePoint(text);
    width += point ? Width(point->value) : 1;
    text.remove_prefix(point ? point->bytes : 1);
  }
  return width;
}

std::vector<std::string> Wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    std::string& line = lines.back();
    if (!line.empty() && Width(line) + 1 + Width(word) > width) {
      lines.emplace_back(word);
    } else {
      if (!line.empty()) line += ' ';
      line += word;
    }
  }
  return lines;
}

std::string InLines(std::string_view text, size_t width) {
  if (width == 0) return std::string(text) + "\n";
  std::string lines;
  for (std::string& line : Wrapped(text, width)) {
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&lines, line, "\n");
  }
  return lines;
}

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

bool IsStable(const v1::Confidence& confidence) {
  return confidence.state() == "stable" || confidence.state() == "complete";
}

std::string Duration(int64_t seconds) {
  const auto two = [](int64_t big, const char* unit, int64_t small, const char* smaller) {
    return small == 0 ? absl::StrCat(big, " ", unit)
                      : absl::StrCat(big, " ", unit, " ", small, " ", smaller);
  };
  constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  if (seconds >= kDay) return two(seconds / kDay, "d", seconds % kDay / kHour, "h");
  if (seconds >= kHour) return two(seconds / kHour, "h", seconds % kHour / kMinute, "m");
  if (seconds >= kMinute) return two(seconds / kMinute, "m", seconds % kMinute, "s");
  return absl::StrCat(seconds, " s");
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  const time_t seconds = time.seconds();
  tm local = {};
  char text[32] = "";
  if (::localtime_r(&seconds, &local) == nullptr) return "?";
  const char* const format =
      local.tm_gmtoff == 0 ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d %H:%M:%S %z";
  std::strftime(text, sizeof(text), format, &local);
  return text;
}

std::string ShortName(const std::string& capability) {
  return capability.starts_with("CAP_") ? capability.substr(4) : capability;
}

CapabilitySet SetOf(const google::protobuf::RepeatedPtrField<std::string>& names) {
  CapabilitySet set;
  for (const std::string& name : names)
    if (const auto capability = ParseCapability(name)) set.Add(*capability);
  return set;
}

std::string ShortNames(const google::protobuf::RepeatedPtrField<std::string>& capabilities) {
  std::vector<std::string> names;
  for (const std::string& capability : capabilities) names.push_back(ShortName(capability));
  std::sort(names.begin(), names.end());
  return absl::StrJoin(names, ", ");
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  return absl::StrJoin(words, ", ");
}

std::string OrDash(const std::string& text) { return text.empty() ? "–" : text; }

std::string LossSummary(const google::protobuf::Map<std::string, uint64_t>& by_cause) {
  const std::map<std::string, uint64_t> losses(by_cause.begin(), by_cause.end());
  std::vector<std::string> parts;
  for (const LossKind kind : kLossKinds)
    if (const uint64_t count = LossesOfKind(losses, kind); count > 0)
      parts.push_back(absl::StrCat(Grouped(count), " ", Name(kind)));
  return parts.empty() ? "nothing" : absl::StrJoin(parts, ", ");
}

std::string RemedyForLoss(std::string_view cause) {
  if (cause == "map-full") return "give capmond a larger --max-checks";
  if (cause == "key-quota") return "give capmond a larger --keys-per-container";
  return "";
}

std::string StateOf(const v1::Layer& layer) {
  return layer.detail().empty() ? layer.state() : absl::StrCat(layer.state(), ": ", layer.detail());
}

std::string TopicOf(const v1::Layer& layer) {
  return layer.name() == "files" ? "capabilities of files" : "names from " + layer.name();
}

std::string DisplayName(const v1::Container& container) {
  std::string name = container.name();
  if (name.empty()) name = container.id().substr(0, kShortId);
  if (name.empty()) name = container.cgroup_path();
  if (name.empty()) name = container.kind();
  if (container.pod().empty()) return name;
  return absl::StrJoin({container.namespace_(), container.pod(), name}, "/");
}

std::string ShortReference(const v1::Container& container) {
  return container.kind() == "unit" ? absl::StrCat("unit:", container.id())
                                    : DisplayName(container);
}

}  // namespace capmon
