// SPDX-License-Identifier: Apache-2.0
// One capability's row: what all findings about it come to.
#pragma once

#include <string>
#include <vector>

#include "daemon/profile/evidence_verdict.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Returns whether an instance with such a finding counts among those that used the capability.
bool ShowsUse(const Finding& finding);
// Returns the use that a finding shows, as in CapabilityVerdict::uses.
std::string UseIn(const Finding& finding);

// Sorts `findings`, of which there is at least one: the strongest first.
CapabilityVerdict RowFor(Capability capability, std::vector<Finding>& findings);

}  // namespace capmon
