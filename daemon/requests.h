// SPDX-License-Identifier: Apache-2.0
// Events that clients ask for, on their way from gRPC's threads to the event loop.
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

  // From any thread. RESOURCE_EXHAUSTED when the event loop has that many to do.
  absl::Status Submit(KernelEvent event) {
    return waiting_.With([&](std::vector<KernelEvent>& waiting) {
      if (waiting.size() >= kMaxWaiting)
        return absl::ResourceExhaustedError("capmond is busy: too many requests wait; try again");
      waiting.push_back(std::move(event));
      return absl::OkStatus();
    });
  }
  // What was submitted since the last call, in that order. It happens now.
  std::vector<KernelEvent> Take(TimeNs now) {
    auto events =
        waiting_.With([](std::vector<KernelEvent>& waiting) { return std::exchange(waiting, {}); });
    for (KernelEvent& event : events) std::visit([&](auto& e) { e.time = now; }, event);
    return events;
  }

 private:
  Synchronized<std::vector<KernelEvent>> waiting_;
};

}  // namespace capmon
