// SPDX-License-Identifier: Apache-2.0
// Takes back what a start has made when it fails: a start that fails leaves no files behind.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/collector/pinned_state.h"
#include "daemon/config.h"

namespace capmon {

// Declare it before what makes the files and holds their locks, so that these are gone first.
class FailedStart {
 public:
  FailedStart() = default;
  FailedStart(const FailedStart&) = delete;
  FailedStart& operator=(const FailedStart&) = delete;
  // Last made, first taken back.
  ~FailedStart() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) (*step)();
  }

  void TakeBack(std::function<void()> step) { steps_.push_back(std::move(step)); }
  void TakeBackFile(const std::string& path);
  // Those that are not there now.
  void TakeBackRunDirectory(const Config& config);
  void TakeBackState(const Config& config);
  void TakeBackPins(const PinDirectory& pins);
  // From now on everything stays.
  void Succeeded() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace capmon
