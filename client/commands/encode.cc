// SPDX-License-Identifier: Apache-2.0
#include "client/commands/encode.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/quoted.h"
#include "client/host/default_sets.h"
#include "client/host/libcap.h"

namespace capmon {
namespace {

constexpr char kBlanks[] = " \t\r\n";

std::optional<CapabilitySet> SetNamed(const std::string& word) {
  const std::string lower = absl::AsciiStrToLower(word);
  if (lower == "all") return AllCapabilities();
  if (lower == "none") return CapabilitySet();
  if (const auto set = DefaultSetOf(lower)) return set;
  const auto capability = ParseCapability(word);
  return capability ? std::optional(CapabilitySet({*capability})) : std::nullopt;
}

absl::Status NotAName(const std::string& word) {
  return absl::InvalidArgumentError(
      absl::StrCat("there is no capability ", Quoted(word), "; write it like NET_RAW"));
}

absl::StatusOr<CapabilitySet> FromList(const std::string& text) {
  CapabilitySet set;
  const std::vector<std::string> items = absl::StrSplit(text, ',');
  for (const std::string& item : items) {
    const std::vector<std::string> words =
        absl::StrSplit(item, absl::ByAnyChar(kBlanks), absl::SkipEmpty());
    if (words.empty() && items.size() == 1)
      return absl::InvalidArgumentError("there is no name of a capability; or write none");
    if (words.empty()) return absl::InvalidArgumentError("a name is missing beside a comma");
    for (const std::string& word : words) {
      const bool minus = word.starts_with("-");
      const auto named = SetNamed(word.substr(minus ? 1 : 0));
      if (!named) return NotAName(word);
      set = minus ? set - *named : set | *named;
    }
  }
  return set;
}

// Replaces the names in a clause like "chown,net_raw=ep+i" by numbers, because libcap accepts a
// word that only begins with a name.
absl::StatusOr<std::string> WithNumbers(const std::string& clause) {
  constexpr std::string_view kOperators = "=+-";
  const size_t end = std::min(clause.find_first_of(kOperators), clause.size());
  std::vector<std::string> names;
  const std::vector<std::string> words = absl::StrSplit(clause.substr(0, end), ',');
  for (const std::string& name : words) {
    const auto capability = ParseCapability(name);
    const bool all = absl::EqualsIgnoreCase(name, "all") || (end == 0 && clause[0] == '=');
    if (!capability && !all) return NotAName(name);
    names.push_back(capability ? absl::StrCat(*capability) : name);
  }
  if (clause.find_first_not_of("=+-eip", end) != clause.npos || end == clause.size())
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(clause), " does not end in flags like =ep"));
  return absl::StrCat(absl::StrJoin(names, ","), clause.substr(end));
}

absl::StatusOr<std::vector<Mask>> FromText(const std::string& text) {
  std::vector<std::string> clauses =
      absl::StrSplit(text, absl::ByAnyChar(kBlanks), absl::SkipEmpty());
  for (std::string& clause : clauses) {
    auto numbered = WithNumbers(clause);
    if (!numbered.ok()) return numbered.status();
    clause = *std::move(numbered);
  }
  const LibcapSets parsed(cap_from_text(absl::StrJoin(clauses, " ").c_str()));
  if (!parsed)
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text), " is not the text of capabilities like cap_net_raw,cap_chown=ep"));
  return std::vector<Mask>{{"CapInh", FlagOf(parsed, CAP_INHERITABLE)},
                           {"CapPrm", FlagOf(parsed, CAP_PERMITTED)},
                           {"CapEff", FlagOf(parsed, CAP_EFFECTIVE)}};
}

}  // namespace

absl::StatusOr<std::vector<Mask>> ParseNames(const std::string& text) {
  if (text.find_first_of("=+") != text.npos) return FromText(text);
  const auto set = FromList(text);
  if (!set.ok()) return set.status();
  return std::vector<Mask>{{"", *set}};
}

absl::StatusOr<std::string> Encoded(const std::vector<Mask>& masks, OutputFormat format) {
  if (IsDocument(format)) return MasksDocument(masks, format);
  std::string text;
  for (const Mask& mask : masks)
    absl::StrAppend(&text, mask.set, mask.set.empty() ? "" : ": ", MaskText(mask.value), "\n");
  return text;
}

}  // namespace capmon
