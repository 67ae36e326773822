// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace capmon {

// The importance of an alert. Ordered.
enum class Severity { kInfo, kLow, kMedium, kHigh, kCritical };

const char* Name(Severity severity);  // "info" ... "critical"

}  // namespace capmon
