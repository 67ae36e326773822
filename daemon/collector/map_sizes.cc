// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/map_sizes.h"

#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <bit>

namespace capmon {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kLeastChecks = 16384;
constexpr uint64_t kDefaultChecks = 65536;
constexpr uint64_t kMostChecks = 1 << 19;
constexpr uint64_t kChecksPerMiB = 4;
// The kernel's own part of an entry of a hash map, its share of the buckets, and the pointer to the
// values.
constexpr uint64_t kEntryOverhead = 48 + 16 + 8;

}  // namespace

uint64_t BytesPerCheck(uint32_t cpus) {
  return kEntryOverhead + sizeof(capmon_check_key) + sizeof(capmon_check_counts) * cpus;
}

KernelPrograms::Sizes SizesFor(uint64_t memory_bytes, uint64_t limit_bytes, uint32_t cpus) {
  const uint64_t wanted =
      std::clamp(memory_bytes / kMiB * kChecksPerMiB, kDefaultChecks, kMostChecks);
  const uint64_t affordable = std::min(memory_bytes / 64, limit_bytes / 2) / BytesPerCheck(cpus);
  KernelPrograms::Sizes sizes;
  sizes.checks =
      static_cast<uint32_t>(std::bit_floor(std::max(std::min(wanted, affordable), kLeastChecks)));
  sizes.ring = memory_bytes < 1024 * kMiB ? 4 << 20 : 8 << 20;
  return sizes;
}

uint64_t MachineMemory() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page) : 0;
}

uint32_t MachineCpus() {
  const int cpus = libbpf_num_possible_cpus();
  return cpus > 0 ? static_cast<uint32_t>(cpus) : 1;
}

}  // namespace capmon
