// SPDX-License-Identifier: Apache-2.0
// Passes events of clients from gRPC's threads to the event loop.
#pragma once

#include <algorithm>
#include <iterator>
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
  static constexpr size_t kMaxWaiting = 256;     // requests
  static constexpr size_t kMaxEvents = 1 << 16;  // of all of them

  // Takes all events of a request or none. Any thread. RESOURCE_EXHAUSTED if the queue is full.
  absl::Status Submit(std::vector<KernelEvent> events) {
    return waiting_.With([&](Waiting& waiting) {
      if (waiting.requests >= kMaxWaiting || waiting.events.size() + events.size() > kMaxEvents)
        return absl::ResourceExhaustedError("capmond is busy: too many requests wait; try again");
      ++waiting.requests;
      std::ranges::move(events, std::back_inserter(waiting.events));
      return absl::OkStatus();
    });
  }
  // Returns the submitted events in order, with the time `now`.
  std::vector<KernelEvent> Drain(TimeNs now) {
    auto events = waiting_.With([](Waiting& waiting) { return std::exchange(waiting, {}).events; });
    for (KernelEvent& event : events) std::visit([&](auto& e) { e.time = now; }, event);
    return events;
  }

 private:
  struct Waiting {
    std::vector<KernelEvent> events;
    size_t requests = 0;
  };
  Synchronized<Waiting> waiting_;
};

}  // namespace capmon
