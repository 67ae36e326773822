// SPDX-License-Identifier: Apache-2.0
// Waits for something in another process. The limit only ends a wait that failed; no test asserts
// how long anything takes. $CAPMON_TEST_PATIENCE: how many times slower than usual this machine is;
// default 1.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

namespace capmon {

// 1 to 10.
inline int Patience() {
  const char* value = std::getenv("CAPMON_TEST_PATIENCE");
  return value == nullptr ? 1 : std::clamp(std::atoi(value), 1, 10);
}

inline bool Eventually(const std::function<bool()>& holds,
                       std::chrono::seconds limit = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + limit * Patience();
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

}  // namespace capmon
