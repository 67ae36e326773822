// SPDX-License-Identifier: Apache-2.0
// Whether the evidence could have shown a need. Only then a capability that was not seen in use is
// unused; else nothing is known of it. The rules are described in docs/verdicts.md.
#pragma once

#include <string>

#include "daemon/model/capability.h"
#include "daemon/profile/profile.h"

namespace capmon {

// The time after its start in which a workload sets itself up, as a share of the time without news
// after which it counts as stable.
constexpr TimeNs StartUpTime(TimeNs stable_after) { return stable_after / 10; }

// Why what was not seen may be needed all the same, as a clause: "its start was not seen: it ran
// before capmond". Empty when the evidence could have shown every need.
std::string WhyUnknown(const Profile& profile, TimeNs stable_after);
// The same of a container whose start matters less, because that of another instance was seen.
std::string WhyUnknownSinceStart(const Profile& profile);

// The executed files of which the capabilities are not known, as a clause: "the file capabilities
// of /bin/a and 2 others could not be read, and ..."; empty when there are none.
std::string WhatIsUnread(const Profile& profile);

// Whether a loss of evidence is a container's own. Checks that the kernel skipped, and cgroups that
// were made unseen, cannot be charged to one: they keep it from being stable, but on a busy machine
// say too little about a single one, whose start was seen.
bool IsItsOwnLoss(const std::string& cause);

// What was asked for where the kernel side had no room to note the place, and so cannot be judged.
CapabilitySet CheckedBeyondQuota(const Profile& profile);

// "2026-01-31 12:00:00 UTC"
std::string ClockTime(TimeNs time);

}  // namespace capmon
