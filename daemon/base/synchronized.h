// SPDX-License-Identifier: Apache-2.0
// A value that can only be accessed under its lock.
#pragma once

#include <mutex>
#include <utility>

namespace capmon {

template <typename T>
class Synchronized {
 public:
  template <typename... Args>
  explicit Synchronized(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <typename Function>
  auto With(Function&& function) {
    std::lock_guard lock(mutex_);
    return std::forward<Function>(function)(value_);
  }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace capmon
