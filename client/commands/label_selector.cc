// SPDX-License-Identifier: Apache-2.0
#include "client/commands/label_selector.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

constexpr std::string_view kSigns = "=!(), ";

std::string Stripped(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size())));
}

absl::Status NoSelector(const std::string& text, const std::string& part) {
  return absl::InvalidArgumentError(
      absl::StrCat("--selector ", Quoted(text), " has the part ", Quoted(part),
                   "; write KEY, !KEY, KEY=VALUE, KEY!=VALUE, KEY in (A,B) or KEY notin (A,B)"));
}

// At commas that are not in parentheses.
std::vector<std::string> Parts(const std::string& text) {
  std::vector<std::string> parts(1);
  bool within = false;
  for (const char c : text) {
    if (c == ',' && !within) {
      parts.emplace_back();
      continue;
    }
    within = c == '(' || (within && c != ')');
    parts.back() += c;
  }
  for (std::string& part : parts) part = Stripped(part);
  return parts;
}

bool IsPlain(std::string_view text) { return text.find_first_of(kSigns) == text.npos; }

// "(a, b)"
bool ReadValues(std::string_view list, std::set<std::string>& values) {
  if (!list.starts_with('(') || !list.ends_with(')')) return false;
  list = list.substr(1, list.size() - 2);
  for (const std::string& value : Parts(std::string(list))) {
    if (!IsPlain(value)) return false;
    values.insert(value);
  }
  return true;
}

// "!=web" behind a key
bool ReadComparison(std::string_view rest, LabelRequirement& one) {
  one.negated = rest.starts_with('!');
  const std::string_view sign = rest.starts_with("==") || one.negated ? rest.substr(0, 2) : "=";
  if (!rest.starts_with(sign) || !sign.ends_with('=')) return false;
  const std::string value = Stripped(rest.substr(sign.size()));
  one.values.insert(value);
  return IsPlain(value);
}

bool Read(const std::string& part, LabelRequirement& one) {
  const std::string_view text(part);
  if (text.starts_with('!')) {
    one.key = Stripped(text.substr(1));
    one.any_value = one.negated = true;
    return !one.key.empty() && IsPlain(one.key);
  }
  const size_t end = std::min(text.find_first_of(kSigns), text.size());
  one.key = std::string(text.substr(0, end));
  const std::string rest = Stripped(text.substr(end));
  one.any_value = rest.empty();
  if (one.key.empty()) return false;
  if (rest.empty()) return true;
  for (const std::string_view word : {"in", "notin"})
    if (std::string_view(rest).starts_with(word)) {
      one.negated = word == "notin";
      return text[end] == ' ' &&
             ReadValues(Stripped(std::string_view(rest).substr(word.size())), one.values);
    }
  return ReadComparison(rest, one);
}

bool FitsOne(const LabelRequirement& one,
             const google::protobuf::Map<std::string, std::string>& labels) {
  const auto found = labels.find(one.key);
  const bool holds = found != labels.end() && (one.any_value || one.values.contains(found->second));
  return holds != one.negated;
}

}  // namespace

absl::StatusOr<std::vector<LabelRequirement>> ParseLabelSelector(const std::string& text) {
  std::vector<LabelRequirement> all;
  for (const std::string& part : Parts(text)) {
    LabelRequirement one;
    if (!Read(part, one)) return NoSelector(text, part);
    all.push_back(std::move(one));
  }
  return all;
}

bool FitsSelector(const std::vector<LabelRequirement>& all,
                  const google::protobuf::Map<std::string, std::string>& labels) {
  return std::ranges::all_of(all,
                             [&](const LabelRequirement& one) { return FitsOne(one, labels); });
}

}  // namespace capmon
