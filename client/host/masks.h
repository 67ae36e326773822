// SPDX-License-Identifier: Apache-2.0
// Capability masks as /proc/PID/status shows them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/capability.h"

namespace capmon {

// Hexadecimal, with or without 0x, 64 bits at most.
absl::StatusOr<CapabilitySet> ParseMask(std::string_view text);

struct Mask {
  std::string set;  // "CapEff" where the text said so
  CapabilitySet value;
};
inline constexpr size_t kMaxMasks = 1 << 16;

// Masks between blanks, each perhaps after "CapEff:". Where lines begin with such labels, lines
// with others are passed over, so that the whole of /proc/PID/status will do.
absl::StatusOr<std::vector<Mask>> ParseMasks(const std::string& text);

// "0x00000000a80425fb"
std::string MaskText(CapabilitySet set);

}  // namespace capmon
