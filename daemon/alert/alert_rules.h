// SPDX-License-Identifier: Apache-2.0
// Decides which evidence raises an alert. Pure: evidence, the profile before it, rules.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "daemon/model/alert.h"
#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Returns true for a granted check whose verdict is a need.
bool CountsAsNeed(const JudgedEvidence& judged);

// Names one use: capability, kernel function and program. Equal in every instance of a container.
std::string UseOf(const CheckEvidence& evidence);

// Returns the needs from before the baseline; empty without a baseline.
std::set<std::string> NormalUses(const Profile& profile,
                                 const CallSites& sites = CallSites::BuiltIn());

// Returns all needs in the evidence, normal or not, and what was normal for earlier instances.
std::set<std::string> AllUses(const Profile& profile,
                              const CallSites& sites = CallSites::BuiltIn());

// Returns the alert for `fresh`, an increment that `profile` does not contain yet:
// - a check by code from memory or a detached mount, unless it is noise;
// - a granted check that is a need, of a use that was not seen before the baseline; without
//   a baseline only uses that lead out of a container, by programs other than its entry point;
// - a denied check, unless it is noise, a probe, or not the workload's own.
// The table of programs weakens no alert, because a container chooses names. `count` is that of the
// increment.
std::optional<Alert> AlertFor(const Profile& profile, const JudgedEvidence& fresh, TimeNs now,
                              const CallSites& sites = CallSites::BuiltIn());

// Returns the alert for a process that left the container's cgroup; nothing for anything but a
// container.
std::optional<Alert> AlertForLeaving(const Container& container, uint64_t count, TimeNs now);

}  // namespace capmon
