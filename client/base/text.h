// SPDX-License-Identifier: Apache-2.0
// Values as text. Names come from containers and may be hostile: everything that goes to a terminal
// passes through Printable().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "daemon/model/capability.h"

namespace capmon {

// Escapes control characters, characters that reverse the direction of text, and bytes that are not
// UTF-8: "\x1b", "\u202e".
std::string Printable(std::string_view text);
// Columns on a terminal: 2 for a wide character, 0 for a mark that combines with the one before.
size_t Width(uint32_t code_point);
size_t Width(std::string_view text);
// Breaks text at blanks into lines of at most `width` columns; a longer word has a line of its own.
std::vector<std::string> Wrapped(std::string_view text, size_t width);

// The same as text, each line with its line feed; a width of 0 means one line.
std::string InLines(std::string_view text, size_t width);

std::string Grouped(uint64_t number);  // "1,842"
// Returns whether its state is stable or, beyond that, complete.
bool IsStable(const v1::Confidence& confidence);
std::string Duration(int64_t seconds);  // "2 h 14 m"
// Local, with the zone: "2026-01-31 12:00:00 UTC", "2026-01-31 13:00:00 +0100".
std::string FormatTime(const google::protobuf::Timestamp& time);
std::string ShortName(const std::string& capability);  // "NET_RAW"
// Leaves out names that are no capability.
CapabilitySet SetOf(const google::protobuf::RepeatedPtrField<std::string>& names);
// "CHOWN, KILL", sorted by name.
std::string ShortNames(const google::protobuf::RepeatedPtrField<std::string>& capabilities);
std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words);  // "a, b"
std::string OrDash(const std::string& text);

// "12 checks lost, 3 details lost"; "nothing".
std::string LossSummary(const google::protobuf::Map<std::string, uint64_t>& by_cause);
// What to do about losses of this cause: "give capmond a larger --max-checks"; or "".
std::string RemedyForLoss(std::string_view cause);

// "failing: it hangs"
std::string StateOf(const v1::Layer& layer);
// "names from docker"; "capabilities of files" for the layer that reads executed files.
std::string TopicOf(const v1::Layer& layer);
// "namespace/pod/name", "name", or the best name known.
std::string DisplayName(const v1::Container& container);
// A reference to the container that is short, and unique in most cases.
std::string ShortReference(const v1::Container& container);

}  // namespace capmon
