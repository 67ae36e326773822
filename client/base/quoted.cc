// SPDX-License-Identifier: Apache-2.0
#include "client/base/quoted.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace capmon {

namespace {

// What is quoted cannot end the quotation.
std::string Escaped(std::string_view text) {
  return absl::StrReplaceAll(std::string(text), {{"\\", "\\\\"}, {"\"", "\\\""}});
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kMost = 60;  // bytes
  if (text.size() <= kMost) return absl::StrCat("\"", Escaped(text), "\"");
  size_t end = kMost;  // a whole character ends here
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return absl::StrCat("\"", Escaped(text.substr(0, end)), "\"... (", text.size(), " bytes)");
}

}  // namespace capmon
