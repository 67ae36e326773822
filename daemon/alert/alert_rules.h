// SPDX-License-Identifier: Apache-2.0
// When evidence deserves a person's attention. Pure: profile before and after, evidence, rules.
#pragma once

#include <optional>

#include "daemon/model/alert.h"
#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// How bad it is that a container uses this capability unannounced.
Severity SeverityOf(Capability capability);

// The alert that `fresh` (an increment for `profile`, which does not contain it yet) calls for:
//  - a granted check that would count as need, of a capability not so used before the baseline;
//  - a refused check, unless it is noise, a probe, or not the workload's own.
// `count` is that of the increment.
std::optional<Alert> AlertFor(const Profile& profile, const JudgedEvidence& fresh, TimeNs now,
                              const CallSites& sites = CallSites::BuiltIn());

}  // namespace capmon
