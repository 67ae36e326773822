// SPDX-License-Identifier: Apache-2.0
// Needs that never reach a capability check: sets that must be complete for a call to succeed.
#pragma once

#include "daemon/model/capability.h"
#include "daemon/profile/profile.h"

namespace capmon {

struct Constraints {
  CapabilitySet by_file;    // an exec of a file that carries these would fail without them
  CapabilitySet by_capset;  // a program's own capset(2) asked to keep these
};
Constraints ConstraintsOf(const Profile& profile);

}  // namespace capmon
