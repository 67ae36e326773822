// SPDX-License-Identifier: Apache-2.0
// What `capmon minimize` found, for capmond to keep.
#pragma once

#include <map>
#include <set>
#include <string>

#include "capmon/v1/capmon.pb.h"
#include "daemon/model/capability.h"

namespace capmon {

// Uses by capability, as in CapabilityVerdict.uses.
using TriedUses = std::map<Capability, std::set<std::string>>;

// Adds the uses of what is not in `set` that a run which passed under it made.
void AddTriedUses(const v1::Profile& run, CapabilitySet set, TriedUses& tried);

// Returns the findings. What is unneeded has the uses that were tried: those in `whole`, the run
// with the whole set, which the runs without it had to try again, and `tried`. No container is set.
// Without a proof if the search decided nothing.
v1::RecordProofsRequest ProofsOf(const v1::Minimization& report, const v1::Profile& whole,
                                 const TriedUses& tried);

}  // namespace capmon
