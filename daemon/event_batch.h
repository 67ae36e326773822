// SPDX-License-Identifier: Apache-2.0
// Collects events while a source is read and passes them on in bounded batches, so that the lock is
// held to apply events, not to read maps or walk cgroups.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "daemon/model/kernel_event.h"

namespace capmon {

class EventBatch {
 public:
  using Apply = std::function<void(const std::vector<KernelEvent>&)>;

  static constexpr size_t kMaxEvents = 1024;

  explicit EventBatch(Apply apply) : apply_(std::move(apply)) {}
  EventBatch(const EventBatch&) = delete;
  EventBatch& operator=(const EventBatch&) = delete;
  ~EventBatch() { Flush(); }

  void Add(const KernelEvent& event) {
    events_.push_back(event);
    if (events_.size() >= kMaxEvents) Flush();
  }
  void Flush() {
    if (!events_.empty()) apply_(events_);
    events_.clear();
  }

 private:
  const Apply apply_;
  std::vector<KernelEvent> events_;
};

}  // namespace capmon
