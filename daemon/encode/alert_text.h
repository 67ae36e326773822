// SPDX-License-Identifier: Apache-2.0
// What the encoders share: bytes of a container as text that no receiver misreads.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/model/kernel_event.h"

namespace capmon {

// Members stay in the order in which they were added.
using OrderedJson = nlohmann::ordered_json;

// Returns the document as one line. Escapes also what JSON allows in a string although a terminal
// or a reader of lines acts on it: DEL, C1 controls, line separators, changes of direction. Strings
// must be UTF-8.
std::string Line(const OrderedJson& document);

// Returns UTF-8 without control characters: "\x1b".
std::string Visible(std::string_view text);
// Likewise, but line breaks ("\n") stay.
std::string VisibleLines(std::string_view text);

// Returns the longest beginning that has at most `bytes` and ends between code points. The text
// must be UTF-8.
std::string_view Beginning(std::string_view text, size_t bytes);

// "2026-11-28T18:15:58.123456789Z".
std::string Rfc3339(TimeNs time);
// Nothing for any other text.
std::optional<TimeNs> ParseRfc3339(const std::string& text);

}  // namespace capmon
