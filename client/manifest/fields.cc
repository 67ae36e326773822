// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

const YamlValue kNull;

// Kubernetes and Compose read the words of YAML 1.1 as well where a field is a boolean.
std::optional<bool> BoolOf(const YamlValue& value) {
  if (const auto plain = AsBool(value)) return plain;
  if (!value.is_text() || value.quoted) return std::nullopt;
  for (const char* yes : {"yes", "Yes", "YES", "on", "On", "ON", "y", "Y"})
    if (value.text == yes) return true;
  for (const char* no : {"no", "No", "NO", "off", "Off", "OFF", "n", "N"})
    if (value.text == no) return false;
  return std::nullopt;
}

// Compose reads the same words, in any case and in quotes.
std::optional<bool> BoolOfText(const YamlValue& value) {
  YamlValue plain;
  plain.kind = value.kind;
  plain.text = absl::AsciiStrToLower(value.text);
  return BoolOf(plain);
}

}  // namespace

Fields::Fields(const YamlValue& map, TextPlace fallback, ManifestFindings& findings)
    : map_(map), fallback_(fallback), findings_(findings) {}

const YamlMember* Fields::Present(const char* key) const {
  const YamlMember* const member = map_.Find(key);
  return member == nullptr || member->value.is_null() ? nullptr : member;
}

TextPlace Fields::PlaceOf(const char* key) const {
  const YamlMember* const member = map_.Find(key);
  return member == nullptr ? fallback_ : member->place;
}

void Fields::Malformed(const char* key, TextPlace place, const char* takes) {
  findings_.push_back(
      {Rule::kMalformed, FindingLevel::kError, place, absl::StrCat(key, " takes ", takes)});
}

bool Fields::IsFilledIn(const char* key, const YamlValue& value) {
  if (!value.is_text() ||
      (value.text.find("${") == value.text.npos && value.text.find("{{") == value.text.npos &&
       value.text.find("$(") == value.text.npos))
    return false;
  findings_.push_back({Rule::kNotFollowed, FindingLevel::kWarning, value.place,
                       absl::StrCat(key, " is ", Quoted(value.text),
                                    ", which is filled in later: check the result")});
  return true;
}

std::string Fields::Text(const char* key) {
  const YamlMember* const member = Present(key);
  if (member == nullptr) return "";
  if (member->value.is_text()) return member->value.text;
  Malformed(key, member->value.place, "a text");
  return "";
}

void Fields::Flag(const char* key, Setting<bool>& into) { Flag(key, into, BoolOf); }

void Fields::FlagOrText(const char* key, Setting<bool>& into) { Flag(key, into, BoolOfText); }

void Fields::Flag(const char* key, Setting<bool>& into, ReadFlag read) {
  const YamlMember* const member = Present(key);
  if (member == nullptr) {
    if (!into.value) into.place = fallback_;
    return;
  }
  if (IsFilledIn(key, member->value)) return;
  const auto flag = read(member->value);
  if (!flag) return Malformed(key, member->value.place, "true or false");
  into = {flag, member->place};
}

void Fields::Number(const char* key, Setting<int64_t>& into) {
  const YamlMember* const member = Present(key);
  if (member == nullptr) {
    if (!into.value) into.place = fallback_;
    return;
  }
  if (IsFilledIn(key, member->value)) return;
  const auto number = AsInteger(member->value);
  if (!number) return Malformed(key, member->value.place, "a whole number");
  into = {number, member->place};
}

void Fields::Words(const char* key, std::vector<Word>& into, Setting<bool>& into_place) {
  const YamlMember* const member = Present(key);
  into_place.place = PlaceOf(key);
  if (member == nullptr) return;
  if (IsFilledIn(key, member->value)) return;
  if (!member->value.is_list()) return Malformed(key, member->value.place, "a list");
  into_place.value = true;
  for (const YamlValue& item : member->value.items) {
    if (IsFilledIn(key, item)) continue;
    if (!item.is_text())
      Malformed(key, item.place, "a list of texts");
    else
      into.push_back({item.text, item.place});
  }
}

const YamlValue& Fields::Map(const char* key) {
  const YamlMember* const member = Present(key);
  if (member == nullptr) return kNull;
  if (member->value.is_map()) return member->value;
  if (!IsFilledIn(key, member->value)) Malformed(key, member->value.place, "a map");
  return kNull;
}

const YamlValue& Fields::List(const char* key) {
  const YamlMember* const member = Present(key);
  if (member == nullptr) return kNull;
  if (member->value.is_list()) return member->value;
  if (!IsFilledIn(key, member->value)) Malformed(key, member->value.place, "a list");
  return kNull;
}

}  // namespace capmon
