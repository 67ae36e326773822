// SPDX-License-Identifier: Apache-2.0
// One capability's row: what all findings about it come to.
#pragma once

#include <vector>

#include "daemon/profile/evidence_verdict.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Sorts `findings`, of which there is at least one: the strongest first.
CapabilityVerdict RowFor(Capability capability, std::vector<Finding>& findings);

}  // namespace capmon
