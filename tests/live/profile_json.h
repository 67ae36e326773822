// SPDX-License-Identifier: Apache-2.0
// Reads the output of `capmon profile -o json` and `capmon list -o json`.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/support/capmon_daemon.h"

namespace capmon {

// 64-bit numbers are strings in proto3's JSON. Absent: 0.
uint64_t Number(const nlohmann::json& object, const std::string& field);
// The row of "CAP_NET_RAW" in a profile; null when there is none.
nlohmann::json Row(const nlohmann::json& profile, const std::string& capability);
// recommendation.keep
std::set<std::string> Keep(const nlohmann::json& profile);
// Capabilities whose verdict is a need.
std::set<std::string> NeededByVerdict(const nlohmann::json& profile);
bool Ended(const nlohmann::json& profile);

// Returns the profile as soon as it `holds`, or the last one.
nlohmann::json ProfileOnce(const CapmonDaemon& daemon, const std::string& reference,
                           const std::function<bool(const nlohmann::json&)>& holds);
// Returns the complete profile of a container that ended.
nlohmann::json FinalProfile(const CapmonDaemon& daemon, const std::string& reference);

}  // namespace capmon
