// SPDX-License-Identifier: Apache-2.0
// What follows besides the capability set: no-new-privileges, running as another user than root,
// and what the surroundings may have hidden.
#pragma once

#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Fills in everything of `recommendation` but keep and remove, which must be there.
void AdviseBeyondCapabilities(const Profile& profile, Recommendation& recommendation);

}  // namespace capmon
