// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/inheritance.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

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
  const UniqueFd owners = pinned.Open(MapPin("owners"));
  taken.ring_fd = pinned.Open(MapPin("ring"));
  const uint32_t room =
      EntriesOf(checks.get(), sizeof(capmon_check_key), sizeof(capmon_check_counts));
  const uint32_t ring_size = EntriesOf(taken.ring_fd.get(), 0, 0);
  if (room == 0 || ring_size == 0 ||
      EntriesOf(owners.get(), sizeof(uint64_t), sizeof(capmon_owner)) == 0)
    return absl::DataLossError(fmt::format("{} lacks maps it should have", pinned.folder));
  absl::Status status =
      CheckMap(checks.get(), room).ForEach([&](const auto& key, const auto& counts) {
        taken.counters.emplace_back(key, counts);
      });
  if (!status.ok()) return status;
  auto read = ReadOwners(owners.get());
  if (!read.ok()) return read.status();
  taken.owners = *std::move(read);
  auto ring = RingReader::Open(taken.ring_fd.get(), ring_size);
  if (!ring.ok()) return ring.status();
  taken.ring = *std::move(ring);
  return taken;
}

}  // namespace capmon
