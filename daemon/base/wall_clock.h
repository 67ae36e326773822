// SPDX-License-Identifier: Apache-2.0
// The clocks of events.
#pragma once

#include <time.h>

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

// Nanoseconds that the calling thread has used a CPU; for what work costs, however long it waited.
inline int64_t ThreadClock() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace capmon
