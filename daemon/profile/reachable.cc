// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/reachable.h"

#include <linux/capability.h>

namespace capmon {
namespace {

// Below a user namespace the number is one of the host's. After an exec only user 0 has effective
// capabilities that are not ambient, there as everywhere.
bool IsRoot(const HeldSets& held) {
  if (held.uid == 0) return true;
  return held.userns_level > 0 && !(held.effective - held.ambient).empty();
}

// Whether it makes the next exec add the bounding set: as user 0, or by a file it gives
// capabilities.
bool MakesExecsRaise(CapabilitySet set) { return set.Has(CAP_SETUID) || set.Has(CAP_SETFCAP); }

}  // namespace

CapabilitySet Reachable(const Profile& profile) {
  if (!profile.held) return {};
  const HeldSets& held = *profile.held;
  CapabilitySet set = held.permitted | held.effective | held.ambient;
  if (held.no_new_privs) return set;
  for (const auto& [_, gain] : profile.gains)
    if (!gain.blocked) set = set | (gain.gained & held.bounding);
  return IsRoot(held) || MakesExecsRaise(set) ? set | held.bounding : set;
}

}  // namespace capmon
