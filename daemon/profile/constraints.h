// SPDX-License-Identifier: Apache-2.0
// Needs that never reach a capability check: the kernel compares whole sets, or remembers one.
#pragma once

#include <map>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/programs.h"

namespace capmon {

// Each with the reason, a sentence.
std::map<Capability, std::string> ConstraintsOf(const Profile& profile, const Programs& programs);

}  // namespace capmon
