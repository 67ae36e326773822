// SPDX-License-Identifier: Apache-2.0
// What a container's programs can come to have, which may be less than its bounding set.
#pragma once

#include "daemon/profile/profile.h"

namespace capmon {

// Permitted and ambient, and of the bounding set what an exec adds: all of it for user 0 and for
// what can become it, for others what a set-user-ID bit or file capabilities were seen to add.
// Nothing is added under no_new_privs. A file that was never executed is not looked at.
CapabilitySet Reachable(const Profile& profile);

// What such a file would add beyond that if there is one.
CapabilitySet Raisable(const Profile& profile);

}  // namespace capmon
