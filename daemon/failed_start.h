// SPDX-License-Identifier: Apache-2.0
// Removes what a start created if the start fails.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/collector/pinned_state.h"
#include "daemon/settings/config.h"

namespace capmon {

// Declare it before the objects that create the files and hold their locks, so that these are
// destroyed first.
class FailedStart {
 public:
  FailedStart() = default;
  FailedStart(const FailedStart&) = delete;
  FailedStart& operator=(const FailedStart&) = delete;
  // Removes in reverse order.
  ~FailedStart() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) (*step)();
  }

  void TakeBack(std::function<void()> step) { steps_.push_back(std::move(step)); }
  void TakeBackFile(const std::string& path);
  // Register what does not exist yet.
  void TakeBackRunDirectory(const Config& config);
  void TakeBackState(const Config& config);
  void TakeBackPins(const PinDirectory& pins);
  // Keeps everything.
  void Succeeded() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace capmon
