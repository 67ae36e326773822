// SPDX-License-Identifier: Apache-2.0
// Where evidence lives on when capmond does not. Owned by the event loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/model/counter_cursor.h"
#include "daemon/monitor.h"

namespace capmon {

class Store {
 public:
  virtual ~Store() = default;
  // What it held when it was opened. Of another boot, everything but the host has ended: cgroup ids
  // mean nothing any more.
  virtual MonitorState TakeKept() = 0;
  // How far that generation's counters are in the evidence; nothing when it was never written.
  virtual absl::StatusOr<std::optional<CounterCursor>> CursorOf(uint64_t generation) = 0;
  // Both or nothing. Cursors of other generations are forgotten.
  virtual absl::Status Write(const MonitorChanges& changes, const CursorChanges& cursor) = 0;
};

}  // namespace capmon
