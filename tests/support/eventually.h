// SPDX-License-Identifier: Apache-2.0
// Waiting for something that happens in another process. The limit only ends a wait in vain; no
// test asserts how long anything takes.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace capmon {

inline bool Eventually(const std::function<bool()>& holds,
                       std::chrono::seconds limit = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

}  // namespace capmon
