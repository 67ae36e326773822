// SPDX-License-Identifier: Apache-2.0
// What an earlier generation leaves: its counters as they were when its successor began to count,
// and what still waits in its ring. Delivered once, then its pins are removed.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"
#include "daemon/collector/counter_delivery.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/collector/ring_reader.h"

namespace capmon {

struct Predecessor {
  uint64_t generation = 0;
  TimeNs made = 0;  // it has counted from then on
  std::string folder;
  CounterTotals totals;
  UniqueFd ring_fd;
  std::unique_ptr<RingReader> ring;  // null: its counters could not be read

  // Reads everything now.
  static absl::StatusOr<Predecessor> Read(const PinnedGeneration& pinned);
};

}  // namespace capmon
