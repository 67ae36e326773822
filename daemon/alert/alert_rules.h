// SPDX-License-Identifier: Apache-2.0
// When evidence deserves a person's attention. Pure: profile before and after, evidence, rules.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "daemon/model/alert.h"
#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// A granted check that would count as need.
bool CountsAsNeed(const JudgedEvidence& judged);

// One use, the same in every instance of a container: capability, kernel function, program.
std::string UseOf(const CheckEvidence& evidence);

// What is normal for a container that has a baseline: the needs from before it. Empty without one.
std::set<std::string> NormalUses(const Profile& profile,
                                 const CallSites& sites = CallSites::BuiltIn());

// The alert that `fresh` (an increment for `profile`, which does not contain it yet) calls for:
//  - a check by code from memory or a detached mount, if it is not noise;
//  - a granted check that would count as need, by a binary in a kernel function in which it was not
//    so used before the baseline; without a baseline only uses that lead out of a container, by
//    programs other than its entry point;
//  - a refused check, unless it is noise, a probe, or not the workload's own.
// What is known of programs weakens no alert: a container chooses the names in it.
// `count` is that of the increment.
std::optional<Alert> AlertFor(const Profile& profile, const JudgedEvidence& fresh, TimeNs now,
                              const CallSites& sites = CallSites::BuiltIn());

// The alert that a process of the container left its cgroup; nothing for what is not a container.
std::optional<Alert> AlertForLeaving(const Container& container, uint64_t count, TimeNs now);

}  // namespace capmon
