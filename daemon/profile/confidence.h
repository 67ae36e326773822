// SPDX-License-Identifier: Apache-2.0
// How far a judgement can be trusted: time, starts, losses, blind spots.
#pragma once

#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// `known` of `total` workload checks were at catalogued sites.
Confidence ConfidenceIn(const Profile& profile, uint64_t known, uint64_t total);

}  // namespace capmon
