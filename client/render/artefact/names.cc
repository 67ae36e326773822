// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/names.h"

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace capmon {
namespace {

constexpr size_t kLongestLabel = 63;
constexpr size_t kLongestDnsName = 253;

bool IsAnyOf(char c, std::string_view others) { return others.find(c) != others.npos; }

std::string Lower(std::string_view text) { return absl::AsciiStrToLower(std::string(text)); }

// Keeps letters, digits and, inside, `others`; replaces each run of other characters by one hyphen.
// May return "".
std::string Reduced(std::string_view text, std::string_view others) {
  std::string name;
  for (const char c : text) {
    const bool fits = absl::ascii_isalnum(static_cast<unsigned char>(c)) || IsAnyOf(c, others);
    if (!fits && name.ends_with('-')) continue;
    if (name.empty() && (!fits || IsAnyOf(c, others))) continue;
    name += fits ? c : '-';
  }
  while (!name.empty() && !absl::ascii_isalnum(static_cast<unsigned char>(name.back())))
    name.pop_back();
  return name;
}

// FNV-1a: equal for the same text on every machine.
uint32_t Hash(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

// A name that is cut ends in a hash of the whole, so that different names stay different.
std::string Bounded(std::string name, size_t longest) {
  if (name.empty()) return "unnamed";
  if (name.size() <= longest) return name;
  const std::string ending = absl::StrFormat("-%08x", Hash(name));
  return Reduced(name.substr(0, longest - ending.size()), "-.") + ending;
}

std::string Dotted(std::string_view text, size_t longest) {
  std::vector<std::string> labels;
  const std::vector<std::string> parts = absl::StrSplit(Lower(text), '.');
  for (const std::string& part : parts)
    if (std::string label = Reduced(part, "-"); !label.empty()) labels.push_back(std::move(label));
  return Bounded(absl::StrJoin(labels, "."), longest);
}

}  // namespace

std::string DnsLabel(std::string_view text) {
  return Bounded(Reduced(Lower(text), "-"), kLongestLabel);
}

std::string DnsName(std::string_view text) { return Dotted(text, kLongestDnsName); }
std::string ShortDnsName(std::string_view text) { return Dotted(text, kLongestLabel); }

std::string ServiceName(std::string_view text) {
  const std::string name = Reduced(text, "-._");
  return name.empty() ? "unnamed" : name;
}

bool IsLabelValue(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && Reduced(text, "-._") == text;
}

std::string ShellWord(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + "'";
}

}  // namespace capmon
