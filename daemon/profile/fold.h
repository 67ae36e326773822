// SPDX-License-Identifier: Apache-2.0
// What stays of a workload's instances whose own evidence had to go: a need seen once stays known.
// Pure.
#pragma once

#include <string>

#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"

namespace capmon {

// The facts of an instance that decide what its evidence means: its kind, its sets, its filter, its
// surroundings. Only evidence of instances with equal facts may be in one profile.
std::string JudgingFacts(const Profile& instance);

// Adds an ended instance to what is left of others with equal facts; `into` may be empty. Keeps
// what calls for a capability or was refused, programs by their paths, and how many instances used
// what; times are those of the instance that was watched longest. What finds no room is counted as
// dropped evidence.
void Fold(const Profile& instance, const CallSites& sites, Profile& into);

inline constexpr size_t kMaxFoldedChecks = 512;

}  // namespace capmon
