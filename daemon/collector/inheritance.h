// SPDX-License-Identifier: Apache-2.0
// The last of an earlier generation: its counters as they were when its successor began to count,
// and what still waits in its ring. Taken in once, then its pins go.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bpf/capmon_events.h"
#include "daemon/base/unique_fd.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/collector/ring_reader.h"
#include "daemon/model/counter_cursor.h"

namespace capmon {

struct Inheritance {
  using Counter = std::pair<capmon_check_key, capmon_check_counts>;

  uint64_t generation = 0;
  TimeNs made = 0;
  std::string folder;
  std::vector<Counter> counters;
  std::vector<std::pair<uint64_t, capmon_owner>> owners;
  UniqueFd ring_fd;
  std::unique_ptr<RingReader> ring;

  // Reads everything now.
  static absl::StatusOr<Inheritance> Take(const PinnedGeneration& pinned);
};

}  // namespace capmon
