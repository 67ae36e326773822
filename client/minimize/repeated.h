// SPDX-License-Identifier: Apache-2.0
// Whether a run did again what another did: only then it shows anything about a capability. Pure.
#pragma once

#include <set>
#include <string>

#include "capmon/v1/capmon.pb.h"
#include "daemon/model/capability.h"

namespace capmon {

// All profiles need their evidence. A use is a check (system call, call site, program) that was
// granted and needed, or denied so that the call failed; and what needs a capability without a
// check, like capset(2). What was never used cannot be repeated, nor what is not known in full.

// Returns the capabilities of which every use in `before` was seen in `now` as well.
CapabilitySet Repeated(const v1::Profile& before, const v1::Profile& now);
// Returns those of which every use in `whole`, a run that had them, was tried in `without`, a run
// that did not: denied them, or granted another one in their place. A program that has no more than
// it requests with capset(2) shows no request, so those are taken from `before`.
CapabilitySet TriedWithout(const v1::Profile& before, const v1::Profile& whole,
                           const v1::Profile& without);
// Returns the uses of a capability that are requests with capset(2).
std::set<std::string> RequestsOf(const v1::Profile& profile, const std::string& capability);
// Returns why a run's evidence may lack a denial, a clause; "" if it does not.
std::string WhyDenialsMayBeUnseen(const v1::Profile& run);

// Returns the row of a capability; an empty one if the profile has none.
const v1::CapabilityVerdict& RowAbout(const v1::Profile& profile, const std::string& capability);
// Returns those that the evidence names together with this one: either of them is enough.
std::set<std::string> OthersOf(const v1::Profile& profile, const v1::CapabilityVerdict& row);

}  // namespace capmon
