// SPDX-License-Identifier: Apache-2.0
#include "client/encode.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/default_sets.h"
#include "client/libcap.h"

namespace capmon {
namespace {

constexpr size_t kQuoted = 60;

std::optional<CapabilitySet> SetNamed(const std::string& word) {
  const std::string lower = absl::AsciiStrToLower(word);
  if (lower == "all") return AllCapabilities();
  if (lower == "none") return CapabilitySet();
  if (const auto set = DefaultSetOf(lower)) return set;
  const auto capability = ParseCapability(word);
  return capability ? std::optional(CapabilitySet({*capability})) : std::nullopt;
}

absl::StatusOr<CapabilitySet> FromList(const std::string& text) {
  CapabilitySet set;
  const std::vector<std::string> words =
      absl::StrSplit(text, absl::ByAnyChar(", \t\r\n"), absl::SkipEmpty());
  for (const std::string& word : words) {
    const bool minus = word.starts_with("-");
    const auto named = SetNamed(word.substr(minus ? 1 : 0));
    if (!named)
      return absl::InvalidArgumentError(absl::StrCat(
          "there is no capability \"", word.substr(0, kQuoted), "\"; write it like NET_RAW"));
    set = minus ? set - *named : set | *named;
  }
  if (words.empty())
    return absl::InvalidArgumentError("there is no name of a capability; or write none");
  return set;
}

// libcap knows its own spelling, and numbers.
std::string WithNumbers(const std::string& text) {
  std::string result, word;
  const auto finish = [&] {
    const auto capability = ParseCapability(word);
    absl::StrAppend(&result, capability ? absl::StrCat(*capability) : word);
    word.clear();
  };
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_') {
      word += c;
    } else {
      finish();
      result += c;
    }
  }
  finish();
  return result;
}

absl::StatusOr<std::vector<Mask>> FromText(const std::string& text) {
  const LibcapSets parsed(cap_from_text(WithNumbers(text).c_str()));
  if (!parsed)
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text.substr(0, kQuoted),
                     "\" is not the text of capabilities like cap_net_raw,cap_chown=ep"));
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

std::string Encoded(const std::vector<Mask>& masks, Format format) {
  if (IsDocument(format)) return MasksDocument(masks, format);
  std::string text;
  for (const Mask& mask : masks)
    absl::StrAppend(&text, mask.set, mask.set.empty() ? "" : ": ", MaskText(mask.value), "\n");
  return text;
}

}  // namespace capmon
