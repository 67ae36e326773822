// SPDX-License-Identifier: Apache-2.0
// Under what a container runs, as far as it decides what a denial does to it: what runs did without
// a capability shows nothing of a container that is started otherwise.
#pragma once

#include <map>
#include <string>

#include "daemon/profile/profile.h"

namespace capmon {

// By name; what is not known is left out.
//   "command": a digest of the whole command line, by the runtime's word
//   "program": the first program and a number for its arguments, by the kernel's
//   "user": the first process's; "kernel": "6.18"; and what is in Profile::surroundings
using Conditions = std::map<std::string, std::string>;

inline constexpr size_t kMaxConditions = 32;
inline constexpr size_t kMaxConditionBytes = 300;  // of a name or a value

Conditions ConditionsOf(const Profile& profile);

// Returns why what was found under some conditions may not be so under others, a clause; "" if
// nothing speaks against it. The command line must be known in both, in one way or the other.
std::string WhyOtherConditions(const Conditions& tried, const Conditions& now);

}  // namespace capmon
