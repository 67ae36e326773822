// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/check_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "daemon/model/settled.h"

namespace capmon {
namespace {

constexpr uint32_t kBatch = 1024;
static_assert(kSettledAtFirst == CAPMON_SETTLED_AT_FIRST);

}  // namespace

CheckMap::CheckMap(int fd, uint32_t max_entries)
    : fd_(fd),
      max_entries_(max_entries),
      cpus_(static_cast<size_t>(libbpf_num_possible_cpus())),
      keys_(kBatch),
      values_(kBatch * cpus_) {}

absl::Status CheckMap::ForEach(const Visitor& visit) {
  uint32_t position = 0;  // opaque to us; the kernel's hash bucket
  uint32_t read = 0;
  for (bool first = true, more = true; more; first = false) {
    uint32_t count = static_cast<uint32_t>(keys_.size());
    const int rc = bpf_map_lookup_batch(fd_, first ? nullptr : &position, &position, keys_.data(),
                                        values_.data(), &count, nullptr);
    if (rc == -ENOSPC) {  // one bucket holds more than our batch
      keys_.resize(keys_.size() * 2);
      values_.resize(keys_.size() * cpus_);
      continue;
    }
    if (rc != 0 && rc != -ENOENT) return absl::ErrnoToStatus(-rc, "read the check counters");
    more = rc == 0 && read < 2 * max_entries_;
    read += count;
    for (uint32_t i = 0; i < count; ++i) visit(keys_[i], TotalOf(i));
  }
  return absl::OkStatus();
}

capmon_check_counts CheckMap::TotalOf(size_t index) const {
  capmon_check_counts total{};
  for (size_t cpu = 0; cpu < cpus_; ++cpu) {
    const capmon_check_counts& part = values_[index * cpus_ + cpu];
    total.count += part.count;
    total.succeeded += part.succeeded;
    total.failed += part.failed;
    total.errnos |= part.errnos;
    total.owner |= part.owner;
  }
  return total;
}

absl::Status CheckMap::ForSome(const std::vector<capmon_check_key>& keys, const Visitor& visit) {
  for (const capmon_check_key& key : keys) {
    const int rc = bpf_map_lookup_elem(fd_, &key, values_.data());
    if (rc == 0) visit(key, TotalOf(0));
    if (rc != 0 && rc != -ENOENT) return absl::ErrnoToStatus(-rc, "read a check counter");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::pair<uint64_t, capmon_owner>>> ReadOwners(int owners_fd) {
  std::vector<std::pair<uint64_t, capmon_owner>> owners;
  std::vector<uint64_t> ids(kBatch);
  std::vector<capmon_owner> values(kBatch);
  uint32_t position = 0;
  for (bool first = true, more = true; more; first = false) {
    uint32_t count = static_cast<uint32_t>(ids.size());
    const int rc = bpf_map_lookup_batch(owners_fd, first ? nullptr : &position, &position,
                                        ids.data(), values.data(), &count, nullptr);
    if (rc == -ENOSPC) {  // one bucket holds more than our batch
      ids.resize(ids.size() * 2);
      values.resize(ids.size());
      continue;
    }
    if (rc != 0 && rc != -ENOENT) return absl::ErrnoToStatus(-rc, "read the owners of counters");
    more = rc == 0 && owners.size() < 2 * CAPMON_MAX_OWNERS;
    for (uint32_t i = 0; i < count; ++i) owners.emplace_back(ids[i], values[i]);
  }
  return owners;
}

absl::StatusOr<std::vector<std::pair<uint64_t, capmon_owner>>> ReadOwners(
    int owners_fd, const std::set<uint64_t>& wanted) {
  std::vector<std::pair<uint64_t, capmon_owner>> owners;
  for (const uint64_t id : wanted) {
    capmon_owner value{};
    const int rc = bpf_map_lookup_elem(owners_fd, &id, &value);
    if (rc == 0) owners.emplace_back(id, value);
    if (rc != 0 && rc != -ENOENT) return absl::ErrnoToStatus(-rc, "read the owner of counters");
  }
  return owners;
}

}  // namespace capmon
