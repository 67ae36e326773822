// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/predecessor.h"

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

absl::StatusOr<Predecessor> Predecessor::Read(const PinnedGeneration& pinned) {
  Predecessor read;
  read.generation = pinned.about.id;
  read.made = pinned.about.made;
  read.folder = pinned.folder;
  const UniqueFd checks = pinned.Open(MapPin("checks"));
  const UniqueFd owners = pinned.Open(MapPin("owners"));
  read.ring_fd = pinned.Open(MapPin("ring"));
  const uint32_t room =
      EntriesOf(checks.get(), sizeof(capmon_check_key), sizeof(capmon_check_counts));
  const uint32_t ring_size = EntriesOf(read.ring_fd.get(), 0, 0);
  if (room == 0 || ring_size == 0 ||
      EntriesOf(owners.get(), sizeof(uint64_t), sizeof(capmon_owner)) == 0)
    return absl::DataLossError(fmt::format("{} lacks maps it should have", pinned.folder));
  absl::Status status =
      CheckMap(checks.get(), room).ForEach([&](const auto& key, const auto& counts) {
        read.totals.checks.emplace_back(key, counts);
      });
  if (!status.ok()) return status;
  auto owned = ReadOwners(owners.get());
  if (!owned.ok()) return owned.status();
  read.totals.owners = *std::move(owned);
  auto ring = RingReader::Open(read.ring_fd.get(), ring_size);
  if (!ring.ok()) return ring.status();
  read.ring = *std::move(ring);
  return read;
}

}  // namespace capmon
