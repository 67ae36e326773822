// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/inheritance.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cstring>

#include "absl/strings/escaping.h"
#include "daemon/collector/check_map.h"

namespace capmon {
namespace {

// 0 when it is no map of ours.
uint32_t EntriesOf(int fd, uint32_t key_size, uint32_t value_size) {
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return 0;
  return info.key_size == key_size && info.value_size == value_size ? info.max_entries : 0;
}

}  // namespace

absl::StatusOr<Inheritance> Inheritance::Take(const PinnedGeneration& pinned) {
  Inheritance taken;
  taken.generation = pinned.about.id;
  taken.made = pinned.about.made;
  taken.folder = pinned.folder;
  const UniqueFd checks = pinned.Open(MapPin("checks"));
  const UniqueFd losses = pinned.Open(MapPin("losses"));
  taken.ring_fd = pinned.Open(MapPin("ring"));
  const uint32_t room =
      EntriesOf(checks.get(), sizeof(capmon_check_key), sizeof(capmon_check_counts));
  const uint32_t ring_size = EntriesOf(taken.ring_fd.get(), 0, 0);
  if (room == 0 || ring_size == 0 ||
      EntriesOf(losses.get(), sizeof(uint32_t), sizeof(uint64_t)) != CAPMON_LOSS_CAUSES)
    return absl::DataLossError(fmt::format("{} lacks maps it should have", pinned.folder));
  absl::Status status =
      CheckMap(checks.get(), room).ForEach([&](const auto& key, const auto& counts) {
        taken.counters.emplace_back(key, counts);
      });
  if (!status.ok()) return status;
  taken.losses = ReadLosses(losses.get());
  auto ring = RingReader::Open(taken.ring_fd.get(), ring_size);
  if (!ring.ok()) return ring.status();
  taken.ring = *std::move(ring);
  return taken;
}

std::vector<uint64_t> ReadLosses(int losses_fd) {
  std::vector<uint64_t> totals(CAPMON_LOSS_CAUSES);
  std::vector<uint64_t> parts(static_cast<size_t>(libbpf_num_possible_cpus()));
  for (uint32_t cause = 0; cause < CAPMON_LOSS_CAUSES; ++cause) {
    if (bpf_map_lookup_elem(losses_fd, &cause, parts.data()) != 0) continue;
    for (uint64_t part : parts) totals[cause] += part;
  }
  return totals;
}

std::string CounterName(const capmon_check_key& key) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(&key), sizeof(key)});
}

bool ParseCounterName(const std::string& name, capmon_check_key& key) {
  if (name.size() != 2 * sizeof(key) ||
      name.find_first_not_of("0123456789abcdef") != std::string::npos)
    return false;
  const std::string bytes = absl::HexStringToBytes(name);
  std::memcpy(&key, bytes.data(), sizeof(key));
  return true;
}

}  // namespace capmon
