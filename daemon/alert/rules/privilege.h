// SPDX-License-Identifier: Apache-2.0
// Privilege gained by executing a file (CM007), and raised by capset(2) or an ambient capability
// (CM008).
#pragma once

#include <optional>
#include <set>
#include <string>

#include "daemon/model/alert.h"
#include "daemon/profile/profile.h"

namespace capmon {

// Names what an exec gained, beside the uses of UseOf(); nothing if it gained nothing.
std::optional<std::string> UseOfGain(const Profile& profile, const ProcessExec& exec);
// Likewise for a process that added to its sets.
std::optional<std::string> UseOfRaise(const Profile& profile, const CapabilitiesSet& set);
// All of them that the profile has evidence of.
std::set<std::string> PrivilegeUses(const Profile& profile);

// Returns the alert for an event that `before` does not contain yet. Without a baseline only for
// gains of at least high severity, by other processes than the first.
std::optional<Alert> AlertForGain(const Profile& before, const ProcessExec& exec);
std::optional<Alert> AlertForRaise(const Profile& before, const CapabilitiesSet& set);

}  // namespace capmon
