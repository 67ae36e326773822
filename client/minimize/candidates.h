// SPDX-License-Identifier: Apache-2.0
// What to try to do without: the recommended capabilities of a profile, with the doubt that their
// evidence leaves.
#pragma once

#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "client/minimize/search.h"

namespace capmon {

// Returns what a search begins with: what is recommended, and what is left out only because an
// earlier search found it unneeded. So a wrong finding is corrected by the next search.
CapabilitySet SetToBeginWith(const v1::Profile& profile);
// One for each of these. Needs the profile's evidence.
std::vector<TrialCandidate> CandidatesOf(const v1::Profile& profile);
// "an exec or capset(2) asks for it"
const char* Explain(Doubt doubt);

}  // namespace capmon
