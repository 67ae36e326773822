// SPDX-License-Identifier: Apache-2.0
// Names of capabilities to masks. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/commands/decode.h"

namespace capmon {

// Names between commas or blanks, from left to right: "NET_RAW", "cap_chown", "13", "all", "none",
// a runtime's default ("docker", "crio", "podman", "runc"); with - before it, what is taken away
// again. A text with = or + goes to cap_from_text(3), names in any spelling, and gives CapInh,
// CapPrm and CapEff.
absl::StatusOr<std::vector<Mask>> ParseNames(const std::string& text);

// "0x00000000a80425fb", with its label as `capmon decode` reads it, or a document.
std::string Encoded(const std::vector<Mask>& masks, Format format);

}  // namespace capmon
