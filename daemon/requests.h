// SPDX-License-Identifier: Apache-2.0
// Passes events of clients from gRPC's threads to the event loop.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "daemon/base/synchronized.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class Requests {
 public:
  static constexpr size_t kMaxWaiting = 256;

  // Any thread. RESOURCE_EXHAUSTED if the queue is full.
  absl::Status Submit(KernelEvent event) {
    return waiting_.With([&](std::vector<KernelEvent>& waiting) {
      if (waiting.size() >= kMaxWaiting)
        return absl::ResourceExhaustedError("capmond is busy: too many requests wait; try again");
      waiting.push_back(std::move(event));
      return absl::OkStatus();
    });
  }
  // Returns the submitted events in order, with the time `now`.
  std::vector<KernelEvent> Drain(TimeNs now) {
    auto events =
        waiting_.With([](std::vector<KernelEvent>& waiting) { return std::exchange(waiting, {}); });
    for (KernelEvent& event : events) std::visit([&](auto& e) { e.time = now; }, event);
    return events;
  }

 private:
  Synchronized<std::vector<KernelEvent>> waiting_;
};

}  // namespace capmon
