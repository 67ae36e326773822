// SPDX-License-Identifier: Apache-2.0
// Names of capabilities to masks. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/commands/decode.h"

namespace capmon {

// Parses names between commas or blanks, from left to right: "NET_RAW", "cap_chown", "13", "all",
// "none", a runtime's default ("docker", "crio", "podman", "runc"); a "-" before a name removes it.
// A text with = or + is parsed by cap_from_text(3), with names in any spelling, and gives CapInh,
// CapPrm and CapEff.
absl::StatusOr<std::vector<Mask>> ParseNames(const std::string& text);

// "0x00000000a80425fb", with its label in the form that `capmon decode` reads, or a document.
absl::StatusOr<std::string> Encoded(const std::vector<Mask>& masks, OutputFormat format);

}  // namespace capmon
