// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/section_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/settings/value_forms.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {
namespace {

constexpr size_t kLongestText = 4096;
constexpr size_t kMostTexts = 64;

std::string Shown(const YamlValue& value) {
  if (value.is_map()) return "a map";
  if (value.is_list()) return "a list";
  return (value.quoted ? "the text " : "") + InQuotes(value.text);
}

std::string Remedy(std::string_view key, std::string_view example) {
  std::string remedy("write \"");
  remedy.append(key).append(": ").append(example).append("\"");
  return remedy;
}

bool IsVariableName(std::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::ranges::all_of(name, [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

}  // namespace

SectionReader::SectionReader(const YamlValue& map, std::string what, ReadContext context)
    : map_(map), what_(std::move(what)), context_(context) {
  if (!map.is_map())
    Fail(map.place, absl::StrCat(what_, " is ", Shown(map),
                                 "; write its keys below it, a line "
                                 "each, indented: \"key: value\""));
}

const YamlMember* SectionReader::Take(const char* key) {
  known_.insert(key);
  const YamlMember* const member = map_.Find(key);
  if (member == nullptr || !member->value.is_null()) return member;
  Fail(member->place,
       absl::StrCat(key, " has no value; write one, or remove the line for the default"));
  return nullptr;
}

void SectionReader::Wrong(const YamlMember& member, std::string_view accepts,
                          std::string_view example) {
  Fail(member.value.place, absl::StrCat(member.key, " takes ", std::string(accepts), ", not ",
                                        Shown(member.value), "; ", Remedy(member.key, example)));
}

bool SectionReader::Text(const char* key, std::string& into, std::string_view example) {
  const YamlMember* const member = Take(key);
  if (member == nullptr) return false;
  if (!member->value.is_text() || member->value.text.empty()) {
    Wrong(*member, "a text", example);
    return false;
  }
  if (member->value.text.size() > kLongestText) {
    Fail(member->value.place,
         absl::StrCat(key, " has more than ", kLongestText, " bytes; ", Remedy(key, example)));
    return false;
  }
  into = member->value.text;
  return true;
}

bool ReadTexts(const std::string& key, const YamlValue& value, std::string_view example,
               ReadContext context, std::vector<std::string>& into) {
  const std::vector<YamlValue> single(value.is_text() ? 1 : 0, value);
  const std::vector<YamlValue>& items = value.is_text() ? single : value.items;
  const auto wrong = [&](const YamlValue& place, std::string_view what) {
    context.faults.Add(place.place,
                       absl::StrCat(key, " takes ", std::string(what), "; ", Remedy(key, example)));
    return false;
  };
  if (value.is_map() || items.empty()) return wrong(value, "a list of texts, of at least one");
  if (items.size() > kMostTexts)
    return wrong(value, absl::StrCat("at most ", kMostTexts, " texts"));
  std::vector<std::string> texts;
  for (const YamlValue& item : items) {
    if (!item.is_text() || item.text.empty() || item.text.size() > kLongestText)
      return wrong(item, "a list of texts, none of them empty");
    if (std::ranges::find(texts, item.text) != texts.end())
      return wrong(
          item, absl::StrCat("each text once, and ", InQuotes(item.text), " stands there twice"));
    texts.push_back(item.text);
  }
  into = std::move(texts);
  return true;
}

bool SectionReader::Texts(const char* key, std::vector<std::string>& into,
                          std::string_view example) {
  const YamlMember* const member = Take(key);
  return member != nullptr && ReadTexts(key, member->value, example, context_, into);
}

bool SectionReader::Switch(const char* key, bool& into) {
  const YamlMember* const member = Take(key);
  if (member == nullptr) return false;
  const auto value = AsBool(member->value);
  if (!value) {
    Wrong(*member, "true or false", "true");
    return false;
  }
  into = *value;
  return true;
}

bool SectionReader::Number(const char* key, int64_t least, int64_t most, int64_t& into,
                           std::string_view example) {
  const YamlMember* const member = Take(key);
  if (member == nullptr) return false;
  const auto value = AsInteger(member->value);
  if (!value || *value < least || *value > most) {
    Wrong(*member, absl::StrCat("a number from ", least, " to ", most), example);
    return false;
  }
  into = *value;
  return true;
}

bool SectionReader::Time(const char* key, std::chrono::milliseconds least,
                         std::chrono::milliseconds most, std::chrono::milliseconds& into,
                         std::string_view example) {
  const YamlMember* const member = Take(key);
  if (member == nullptr) return false;
  const auto value = member->value.is_text() ? ParseTimeSpan(member->value.text) : std::nullopt;
  if (!value || *value < least || *value > most) {
    Wrong(*member,
          absl::StrCat("a time like 90s, 5m or 2h, from ", TimeText(least), " to ", TimeText(most)),
          example);
    return false;
  }
  into = *value;
  return true;
}

bool SectionReader::Size(const char* key, uint64_t least, uint64_t most, uint64_t& into,
                         std::string_view example) {
  const YamlMember* const member = Take(key);
  if (member == nullptr) return false;
  const auto value = member->value.is_text() ? ParseSize(member->value.text) : std::nullopt;
  if (!value || *value < least || *value > most) {
    Wrong(*member,
          absl::StrCat("a size like 512KiB, 64MiB or 1GiB, from ", least, " to ", most, " bytes"),
          example);
    return false;
  }
  into = *value;
  return true;
}

std::optional<size_t> SectionReader::Word(const char* key, const std::vector<std::string>& words) {
  const YamlMember* const member = Take(key);
  if (member == nullptr) return std::nullopt;
  if (member->value.is_text()) {
    const auto found = std::ranges::find(words, member->value.text);
    if (found != words.end()) return static_cast<size_t>(found - words.begin());
  }
  const std::string nearest = Nearest(member->value.text, words);
  Wrong(*member, Alternatives(words), nearest.empty() ? words.front() : nearest);
  return std::nullopt;
}

bool SectionReader::ReadableFile(const char* key, std::string& into, std::string_view example) {
  std::string path;
  if (!Text(key, path, example)) return false;
  if (!path.starts_with('/')) {
    Wrong(*map_.Find(key), "the absolute path of a file", example);
    return false;
  }
  if (const std::string problem = context_.host.file_problem(path); !problem.empty()) {
    Fail(key, absl::StrCat(key, ": capmond cannot read ", InQuotes(path), ": ", problem,
                           "; create it, or name another file"));
    return false;
  }
  into = path;
  return true;
}

bool ReadSecret(const std::string& key, const YamlValue& value, ReadContext context, Secret& into) {
  const std::string remedy =
      absl::StrCat("write \"", key, ": file:/etc/capmon/", key, "\" or \"", key, ": env:NAME\"");
  const auto fail = [&](const std::string& what) {
    context.faults.Add(value.place, what);
    return false;
  };
  if (!value.is_text() || value.text.empty())
    return fail(absl::StrCat(key, " takes the place of a secret; ", remedy));
  const std::string& text = value.text;
  if (text.starts_with("env:")) {
    const std::string name = text.substr(4);
    if (!IsVariableName(name))
      return fail(absl::StrCat(key, " names no variable of the environment; ", remedy));
    if (!context.host.has_variable(name))
      return fail(absl::StrCat(key, ": the variable ", name,
                               " is not set or is empty in capmond's environment; set it (in a "
                               "unit with EnvironmentFile=), or use a file"));
  } else if (text.starts_with("file:")) {
    const std::string path = text.substr(5);
    if (!path.starts_with('/'))
      return fail(absl::StrCat(key, " names a file without its absolute path; ", remedy));
    if (const std::string problem = context.host.file_problem(path); !problem.empty())
      return fail(absl::StrCat(key, ": capmond cannot read ", InQuotes(path), ": ", problem,
                               "; write the secret to that file, readable by capmond only"));
    if (context.host.open_to_all(path))
      context.faults.Warn(value.place, absl::StrCat(key, ": every user can read ", InQuotes(path),
                                                    "; run chmod o-r on it"));
  } else {
    // The text may be the secret, so it is not shown.
    return fail(absl::StrCat(key,
                             " is a secret and must not stand in this file; move it to a file of "
                             "its own, or to the environment, and ",
                             remedy));
  }
  if (const std::string problem = context.host.secret_problem(text); !problem.empty())
    return fail(
        absl::StrCat(key, ": ", problem, "; write nothing but the secret there, as one line"));
  into.source = text;
  return true;
}

bool CheckNewFile(const std::string& key, const std::string& path, TextPlace place,
                  ReadContext context) {
  const std::string problem = context.host.new_file_problem(path);
  if (problem.empty()) return true;
  const std::string sentence =
      absl::StrCat(key, ": capmond cannot write to ", InQuotes(path), ": ", problem);
  const bool no_directory = problem.starts_with("there is no directory");
  // The installed unit makes this directory when it starts.
  if (no_directory && path.starts_with("/var/log/capmon/")) {
    context.faults.Warn(place,
                        absl::StrCat(sentence, "; the installed unit makes it at its start"));
    return true;
  }
  context.faults.Add(place,
                     absl::StrCat(sentence, no_directory ? "; create it, or name another file"
                                                         : "; name another file"));
  return false;
}

bool SectionReader::SecretSource(const char* key, Secret& into) {
  const YamlMember* const member = Take(key);
  return member != nullptr && ReadSecret(key, member->value, context_, into);
}

void SectionReader::Fail(const char* key, const std::string& what) {
  const YamlMember* const member = map_.Find(key);
  Fail(member == nullptr ? map_.place : member->value.place, what);
}

void SectionReader::Warn(const char* key, const std::string& what) {
  const YamlMember* const member = map_.Find(key);
  context_.faults.Warn(member == nullptr ? map_.place : member->value.place, what);
}

bool SectionReader::Require(const char* key, std::string_view example) {
  known_.insert(key);
  if (Has(key)) return true;
  if (map_.is_map())
    Fail(map_.place, absl::StrCat(what_, " has no ", key, "; ", Remedy(key, example)));
  return false;
}

void SectionReader::Reject(const char* key, const std::string& what) {
  rejected_.insert(key);
  if (const YamlMember* const member = map_.Find(key)) Fail(member->place, what);
}

void SectionReader::Finish() {
  const std::vector<std::string> keys(known_.begin(), known_.end());
  for (const YamlMember& member : map_.members) {
    if (known_.contains(member.key) || rejected_.contains(member.key)) continue;
    const std::string nearest = Nearest(member.key, keys);
    Fail(member.place, absl::StrCat(what_, " has no key ", InQuotes(member.key), "; ",
                                    nearest.empty() ? "its keys are " + absl::StrJoin(keys, ", ")
                                                    : "did you mean \"" + nearest + "\"?"));
  }
}

}  // namespace capmon
