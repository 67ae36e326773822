// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

constexpr size_t kLongest = 63;

bool IsAnyOf(char c, std::string_view others) { return others.find(c) != others.npos; }

// Letters and digits, and `others` inside; a run of anything else becomes one hyphen.
std::string Reduced(std::string_view text, std::string_view others) {
  std::string name;
  for (const char c : text) {
    const bool fits = absl::ascii_isalnum(static_cast<unsigned char>(c)) || IsAnyOf(c, others);
    if (!fits && name.ends_with('-')) continue;
    if (name.empty() && (!fits || IsAnyOf(c, others))) continue;
    name += fits ? c : '-';
    if (name.size() == kLongest) break;
  }
  while (!name.empty() && !absl::ascii_isalnum(static_cast<unsigned char>(name.back())))
    name.pop_back();
  return name.empty() ? "unnamed" : name;
}

}  // namespace

std::string DnsLabel(std::string_view text) {
  return Reduced(absl::AsciiStrToLower(std::string(text)), "-");
}

std::string ServiceName(std::string_view text) { return Reduced(text, "-._"); }

bool IsLabelValue(std::string_view text) {
  return !text.empty() && text.size() <= kLongest && Reduced(text, "-._") == text;
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
