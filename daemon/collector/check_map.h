// SPDX-License-Identifier: Apache-2.0
// Reads the kernel's per-CPU check counters, all in batches or some, as totals over all CPUs.
#pragma once

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bpf/capmon_events.h"

namespace capmon {

class CheckMap {
 public:
  CheckMap(int fd, uint32_t max_entries);

  using Visitor = std::function<void(const capmon_check_key&, const capmon_check_counts&)>;
  // Each key once, unless keys come and go meanwhile; a key missed then is there the next time.
  absl::Status ForEach(const Visitor& visit);
  // Those of `keys` that are there.
  absl::Status ForSome(const std::vector<capmon_check_key>& keys, const Visitor& visit);

 private:
  capmon_check_counts TotalOf(size_t index) const;

  int fd_;
  uint32_t max_entries_;
  size_t cpus_;
  std::vector<capmon_check_key> keys_;
  std::vector<capmon_check_counts> values_;  // cpus_ for each key
};

// What each owner uses and lost, by cgroup id.
absl::StatusOr<std::vector<std::pair<uint64_t, capmon_owner>>> ReadOwners(int owners_fd);
// Likewise, of some.
absl::StatusOr<std::vector<std::pair<uint64_t, capmon_owner>>> ReadOwners(
    int owners_fd, const std::set<uint64_t>& wanted);

}  // namespace capmon
