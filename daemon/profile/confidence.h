// SPDX-License-Identifier: Apache-2.0
// How far a judgement can be trusted: time, starts, losses, blind spots.
#pragma once

#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// `known` of `total` workload checks were at catalogued sites. Stable is what had no news for
// `stable_after`, was seen from its start, and was active since.
Confidence ConfidenceIn(const Profile& profile, uint64_t known, uint64_t total,
                        TimeNs stable_after);

}  // namespace capmon
