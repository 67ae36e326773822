// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/fault.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

// Keys of a file may contain any character.
std::string OneLine(const std::string& text) {
  std::string line;
  for (const char c : text)
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)))
      absl::StrAppend(&line, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    else
      line += c;
  return line;
}

}  // namespace

std::string Print(const std::string& file, const SettingsFault& fault) {
  return absl::StrCat(file, ":", fault.place.line, ":", fault.place.column, ": ", fault.what);
}

void Faults::Add(TextPlace place, const std::string& what) {
  if (faults_.size() < kMost) faults_.push_back({place, OneLine(what)});
}

void Faults::Warn(TextPlace place, const std::string& what) {
  if (warnings_.size() < kMost) warnings_.push_back({place, OneLine(what)});
}

void Faults::Sort() {
  std::ranges::stable_sort(faults_, {}, &SettingsFault::place);
  std::ranges::stable_sort(warnings_, {}, &SettingsFault::place);
}

}  // namespace capmon
