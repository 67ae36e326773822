// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/yaml_reader.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "common/yaml/builder.h"

namespace capmon {
namespace {

// Where the text stops being UTF-8.
TextPlace FirstBadByte(std::string_view text) {
  TextPlace place;
  while (!text.empty()) {
    const auto point = FirstCodePoint(text);
    if (!point) break;
    place =
        text[0] == '\n' ? TextPlace{place.line + 1, 1} : TextPlace{place.line, place.column + 1};
    text.remove_prefix(point->bytes);
  }
  return place;
}

std::optional<YamlFault> Unreadable(const std::string& text, const YamlLimits& limits) {
  if (text.size() > limits.bytes)
    return YamlFault{
        {}, absl::StrCat("the text has ", text.size(), " bytes, more than ", limits.bytes)};
  if (!IsUtf8(text)) return YamlFault{FirstBadByte(text), "the text is not UTF-8"};
  if (const size_t zero = text.find('\0'); zero != text.npos)
    return YamlFault{FirstBadByte(text.substr(0, zero) + '\xff'), "the text has a zero byte"};
  return std::nullopt;
}

}  // namespace

const YamlMember* YamlValue::Find(std::string_view key) const {
  const auto found =
      std::ranges::find_if(members, [&](const YamlMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

const YamlValue& YamlValue::At(std::string_view key) const {
  static const YamlValue kNothing;
  const YamlMember* const member = Find(key);
  return member == nullptr ? kNothing : member->value;
}

std::optional<bool> AsBool(const YamlValue& value) {
  if (!value.is_text() || value.quoted) return std::nullopt;
  for (const char* yes : {"true", "True", "TRUE"})
    if (value.text == yes) return true;
  for (const char* no : {"false", "False", "FALSE"})
    if (value.text == no) return false;
  return std::nullopt;
}

std::optional<int64_t> AsInteger(const YamlValue& value) {
  constexpr size_t kMostDigits = 18;
  if (!value.is_text() || value.quoted) return std::nullopt;
  const std::string_view digits = std::string_view(value.text).substr(value.text[0] == '-' ? 1 : 0);
  if (digits.empty() || digits.size() > kMostDigits ||
      !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  int64_t number = 0;
  return absl::SimpleAtoi(value.text, &number) ? std::optional(number) : std::nullopt;
}

YamlStream ReadYaml(const std::string& text, const YamlLimits& limits) {
  YamlStream stream;
  stream.fault = Unreadable(text, limits);
  if (stream.fault) return stream;
  YamlBuilder builder(limits);
  try {  // yaml-cpp reports errors only by exceptions
    std::istringstream in(text);
    YAML::Parser parser(in);
    while (!builder.fault() && parser.HandleNextDocument(builder)) continue;
    stream.fault = builder.fault();
  } catch (const YAML::Exception& error) {
    stream.fault = builder.fault();
    if (!stream.fault) stream.fault = YamlFault{PlaceOf(error.mark), error.msg};
  }
  stream.documents = std::move(builder.documents());
  return stream;
}

}  // namespace capmon
