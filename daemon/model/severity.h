// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace capmon {

// The importance of an alert. Ordered.
enum class Severity { kInfo, kLow, kMedium, kHigh, kCritical };

const char* Name(Severity severity);  // "info" ... "critical"
std::optional<Severity> ParseSeverity(std::string_view name);

}  // namespace capmon
