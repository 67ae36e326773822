// SPDX-License-Identifier: Apache-2.0
// The clocks of events.
#pragma once

#include <chrono>
#include <cstdint>

namespace capmon {

// Nanoseconds since 1970.
inline int64_t WallClock() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Nanoseconds of CLOCK_MONOTONIC, which stamps ring records and is never set; for durations.
inline int64_t SteadyClock() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace capmon
