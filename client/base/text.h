// SPDX-License-Identifier: Apache-2.0
// Values as people read them. Names come from inside containers and may be hostile: whatever goes
// to a terminal goes through Printable().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "daemon/model/capability.h"

namespace capmon {

// Control characters, what reverses the direction of text, and bytes that are not UTF-8 come out
// as "\x1b" or "\u202e".
std::string Printable(std::string_view text);
// Columns on a terminal: 2 for a wide character, 0 for a mark that combines with the one before.
size_t Width(uint32_t code_point);
size_t Width(std::string_view text);
// Lines of at most `width` columns, broken at blanks; a longer word has a line of its own.
std::vector<std::string> Wrapped(std::string_view text, size_t width);

std::string Grouped(uint64_t number);                        // "1,842"
std::string Duration(int64_t seconds);                       // "2 h 14 m"
std::string Clock(const google::protobuf::Timestamp& time);  // local, "2026-01-31 12:00:00"
std::string ShortName(const std::string& capability);        // "NET_RAW"
// What is no name of a capability is left out.
CapabilitySet SetOf(const google::protobuf::RepeatedPtrField<std::string>& names);
// "CHOWN, KILL", sorted: people look for names, not for numbers.
std::string ShortNames(const google::protobuf::RepeatedPtrField<std::string>& capabilities);
std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words);  // "a, b"
std::string OrDash(const std::string& text);

// "12 checks lost, 3 details lost"; "nothing".
std::string LossSummary(const google::protobuf::Map<std::string, uint64_t>& by_cause);

// "failing: it hangs"
std::string StateOf(const v1::Layer& layer);
// "namespace/pod/name", "name", or the best there is.
std::string DisplayName(const v1::Container& container);

}  // namespace capmon
