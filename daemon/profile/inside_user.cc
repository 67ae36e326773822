// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/inside_user.h"

namespace capmon {
namespace {

// What the kernel shows in place of a user that the map does not name.
constexpr uint32_t kNotMapped = 65534;

uint32_t Inside(const IdMap& map, uint32_t outside) {
  for (const IdRange& range : map)
    if (outside >= range.outside && outside - range.outside < range.count)
      return range.inside + (outside - range.outside);
  return kNotMapped;
}

}  // namespace

std::optional<uint32_t> InsideUser(const Profile& profile) {
  if (!profile.held) return std::nullopt;
  const HeldSets& held = *profile.held;
  // A runtime's own files name users as they are inside.
  if (held.userns_level == 0 || held.source != "process") return held.uid;
  if (!profile.user_map.empty()) return Inside(profile.user_map, held.uid);
  if (held.uid == 0 || !(held.effective - held.ambient).empty()) return 0;
  return std::nullopt;
}

}  // namespace capmon
