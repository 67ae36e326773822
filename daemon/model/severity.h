// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace capmon {

// How much an alert matters. Ordered.
enum class Severity { kInfo, kLow, kMedium, kHigh, kCritical };

const char* Name(Severity severity);  // "info" ... "critical"

}  // namespace capmon
