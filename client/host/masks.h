// SPDX-License-Identifier: Apache-2.0
// Capability masks as in /proc/PID/status. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/capability.h"

namespace capmon {

// Parses hexadecimal digits, with or without 0x, at most 64 bits.
absl::StatusOr<CapabilitySet> ParseMask(std::string_view text);

struct Mask {
  std::string set;  // "CapEff" where the text said so
  CapabilitySet value;
};
inline constexpr size_t kMaxMasks = 1 << 16;

// Parses masks between blanks, each with an optional "CapEff:" before it. If lines have such
// labels, lines with other labels are skipped, so that a whole /proc/PID/status can be parsed.
absl::StatusOr<std::vector<Mask>> ParseMasks(const std::string& text);

// "0x00000000a80425fb"
std::string MaskText(CapabilitySet set);

}  // namespace capmon
