// SPDX-License-Identifier: Apache-2.0
#include "client/host/masks.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

const char* const kSets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};

// Returns "CapEff" in the kernel's spelling, or "" if `word` is no such label.
std::string SetNamed(const std::string& word) {
  for (const char* set : kSets)
    if (absl::EqualsIgnoreCase(word, set)) return set;
  return "";
}

std::vector<std::string> Words(const std::string& line) {
  return absl::StrSplit(line, absl::ByAnyChar(" \t\r\v\f"), absl::SkipEmpty());
}

// Returns the text before the first colon, or "".
std::string LabelOf(const std::string& line) {
  std::string label = line.substr(0, line.find(':'));
  absl::StripAsciiWhitespace(&label);
  return label.size() < line.size() ? label : "";
}

// Returns true for "Name:" and other labels that are no set.
bool HasOtherLabel(const std::string& line) {
  const std::string label = LabelOf(line);
  return Words(label).size() == 1 && SetNamed(label).empty();
}

bool HasSetLabel(const std::string& line) { return !SetNamed(LabelOf(line)).empty(); }

// Parses one line; a label may precede each mask, with or without a blank between.
absl::Status AddMasks(const std::string& line, std::vector<Mask>& masks) {
  std::string set;
  for (std::string& word : Words(line)) {
    if (const size_t colon = word.find(':'); colon != word.npos) {
      if (std::string named = SetNamed(word.substr(0, colon)); !named.empty()) {
        set = std::move(named);
        word.erase(0, colon + 1);
        if (word.empty()) continue;
      }
    }
    const auto value = ParseMask(word);
    if (!value.ok()) return value.status();
    if (masks.size() == kMaxMasks)
      return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxMasks, " masks at once"));
    masks.push_back({std::exchange(set, ""), *value});
  }
  if (set.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("there is no mask after \"", set, ":\""));
}

}  // namespace

absl::StatusOr<CapabilitySet> ParseMask(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  uint64_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  const bool all = !digits.empty() && end == digits.data() + digits.size() && digits[0] != '-';
  if (error == std::errc::result_out_of_range && all)
    return absl::InvalidArgumentError(
        absl::StrCat("the mask ", Quoted(text), " has more than 64 bits"));
  if (error != std::errc() || !all)
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text), " is not a hexadecimal mask like 00000000a80425fb"));
  return CapabilitySet(bits);
}

absl::StatusOr<std::vector<Mask>> ParseMasks(const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const bool is_status = std::ranges::any_of(lines, HasSetLabel);
  std::vector<Mask> masks;
  for (const std::string& line : lines) {
    if (is_status && HasOtherLabel(line)) continue;
    if (absl::Status added = AddMasks(line, masks); !added.ok()) return added;
  }
  if (masks.empty())
    return absl::InvalidArgumentError("there is no mask; write it like 00000000a80425fb");
  return masks;
}

std::string MaskText(CapabilitySet set) { return absl::StrFormat("0x%016x", set.bits()); }

}  // namespace capmon
