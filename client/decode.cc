// SPDX-License-Identifier: Apache-2.0
#include "client/decode.h"

#include <charconv>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace capmon {

absl::StatusOr<CapabilitySet> ParseMask(const std::string& text) {
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  uint64_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  const bool all = !digits.empty() && end == digits.data() + digits.size() && digits[0] != '-';
  if (error == std::errc::result_out_of_range)
    return absl::InvalidArgumentError(absl::StrCat("the mask ", text, " has more than 64 bits"));
  if (error != std::errc() || !all)
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not a hexadecimal mask like 00000000a80425fb"));
  return CapabilitySet(bits);
}

std::string Decoded(CapabilitySet set, Format format) {
  std::vector<std::string> names;
  for (const Capability c : set.members()) names.push_back(CapabilityName(c));
  const std::string mask = absl::StrFormat("0x%016x", set.bits());
  if (format == Format::kTable || format == Format::kWide)
    return absl::StrCat(mask, "=", absl::StrJoin(names, ","), "\n");

  // Names are capital letters and underscores: nothing to escape.
  for (std::string& name : names) name = absl::StrCat("\"", name, "\"");
  if (format == Format::kJsonLines)
    return absl::StrCat("{\"mask\":\"", mask, "\",\"capabilities\":[", absl::StrJoin(names, ","),
                        "]}\n");
  const std::string list =
      names.empty() ? "[]" : absl::StrCat("[\n  ", absl::StrJoin(names, ",\n  "), "\n ]");
  return absl::StrCat("{\n \"mask\": \"", mask, "\",\n \"capabilities\": ", list, "\n}\n");
}

}  // namespace capmon
