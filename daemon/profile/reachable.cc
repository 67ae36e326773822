// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/reachable.h"

#include <linux/capability.h>

#include "daemon/profile/inside_user.h"

namespace capmon {
namespace {

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
  return InsideUser(profile) == 0 || MakesExecsRaise(set) ? set | held.bounding : set;
}

CapabilitySet Raisable(const Profile& profile) {
  if (!profile.held || profile.held->no_new_privs) return {};
  return profile.held->bounding - Reachable(profile);
}

}  // namespace capmon
