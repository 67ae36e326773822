// SPDX-License-Identifier: Apache-2.0
// What to try to do without: the recommended capabilities of a profile, with the doubt that their
// evidence leaves.
#pragma once

#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "client/minimize/search.h"

namespace capmon {

// Needs the profile's evidence.
std::vector<TrialCandidate> CandidatesOf(const v1::Profile& profile);
// Returns the capabilities of which every use in `before` was seen in `now` as well: same system
// call, call site and program. Both need their evidence.
CapabilitySet Repeated(const v1::Profile& before, const v1::Profile& now);
// "an exec or capset(2) asks for it"
const char* Explain(Doubt doubt);

}  // namespace capmon
