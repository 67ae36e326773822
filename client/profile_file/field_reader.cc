// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/field_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/quoted.h"
#include "daemon/model/capability.h"

namespace capmon {
namespace {

constexpr size_t kLongestText = 4096;

}  // namespace

absl::Status FaultAt(const std::string& file, TextPlace place, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(file, ":", place.line, ":", place.column, ": ", std::string(what)));
}

bool IsCapabilityOfFile(const std::string& name) {
  const auto capability = ParseCapability(name);
  return capability && (ShortCapabilityName(*capability) == name);
}

FieldReader::FieldReader(const YamlValue& map, std::string file, std::string what)
    : map_(map), file_(std::move(file)), what_(std::move(what)) {
  if (!map.is_map()) Fail(map.place, absl::StrCat(what_, " is no map"));
}

void FieldReader::Fail(TextPlace place, std::string_view what) {
  if (status_.ok()) status_ = FaultAt(file_, place, what);
}

void FieldReader::Take(const absl::Status& fault) {
  if (status_.ok()) status_ = fault;
}

const YamlValue* FieldReader::Value(const char* key) {
  known_.insert(key);
  const YamlMember* const member = map_.Find(key);
  return member == nullptr ? nullptr : &member->value;
}

void FieldReader::Require(const char* key) {
  if (map_.Find(key) == nullptr) Fail(map_.place, absl::StrCat(what_, " has no ", key));
}

void FieldReader::Text(const char* key, std::string& into) {
  const YamlValue* const value = Value(key);
  if (value == nullptr) return;
  if (!value->is_text() || value->text.empty())
    Fail(value->place, absl::StrCat(key, " takes a text"));
  else if (value->text.size() > kLongestText)
    Fail(value->place, absl::StrCat(key, " has more than ", kLongestText, " bytes"));
  else
    into = value->text;
}

void FieldReader::Count(const char* key, uint64_t& into) {
  const YamlValue* const value = Value(key);
  if (value == nullptr) return;
  const auto number = AsInteger(*value);
  if (!number || *number < 0)
    Fail(value->place, absl::StrCat(key, " takes a number, 0 or more"));
  else if (static_cast<uint64_t>(*number) > kMaxCount)
    Fail(value->place, absl::StrCat(key, " takes a number up to ", kMaxCount));
  else
    into = static_cast<uint64_t>(*number);
}

void FieldReader::Flag(const char* key, bool& into) {
  const YamlValue* const value = Value(key);
  if (value == nullptr) return;
  const auto flag = AsBool(*value);
  if (!flag)
    Fail(value->place, absl::StrCat(key, " takes true or false"));
  else
    into = *flag;
}

void FieldReader::Choice(const char* key, const std::set<std::string>& words, std::string& into) {
  const YamlValue* const value = Value(key);
  if (value == nullptr) return;
  if (!value->is_text() || !words.contains(value->text))
    Fail(value->place, absl::StrCat(key, " takes ", absl::StrJoin(words, ", ")));
  else
    into = value->text;
}

void FieldReader::Texts(const char* key, std::map<std::string, std::string>& into) {
  const YamlValue* const value = Value(key);
  if (value == nullptr) return;
  if (!value->is_map() || value->members.size() > kMaxFactsOfRow)
    return Fail(value->place,
                absl::StrCat(key, " takes a map of at most ", kMaxFactsOfRow, " texts"));
  for (const YamlMember& member : value->members) {
    if (!member.value.is_text() || member.value.text.size() > kLongestText ||
        member.key.size() > kLongestText)
      return Fail(member.value.place, absl::StrCat(key, " takes a map of texts"));
    into[member.key] = member.value.text;
  }
}

void FieldReader::Capabilities(const char* key, bool (*is_meant)(Verdict), const char* meaning,
                               Verdicts& into) {
  const YamlValue* const value = Value(key);
  if (value == nullptr || value->is_null()) return;
  if (!value->is_map())
    return Fail(value->place,
                absl::StrCat(key, " takes a map of capabilities, a line each: CHOWN: required"));
  for (const YamlMember& member : value->members) {
    if (!IsCapabilityOfFile(member.key))
      return Fail(member.place, absl::StrCat("there is no capability ", Quoted(member.key),
                                             "; write it like NET_RAW"));
    const auto verdict =
        member.value.is_text() ? ParseVerdict(member.value.text) : std::optional<Verdict>();
    if (!verdict || !is_meant(*verdict))
      return Fail(member.value.place, absl::StrCat(member.key, " takes ", meaning));
    into[member.key] = *verdict;
  }
}

absl::Status FieldReader::Finish() {
  for (const YamlMember& member : map_.members)
    if (!known_.contains(member.key))
      Fail(member.place, absl::StrCat(what_, " has no key ", Quoted(member.key)));
  return status_;
}

}  // namespace capmon
