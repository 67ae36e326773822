// SPDX-License-Identifier: Apache-2.0
// Which capabilities to keep: all that are needed for themselves, and for every group of which any
// one will do, the least that serves them all.
#pragma once

#include <vector>

#include "daemon/model/capability.h"

namespace capmon {

// Adds to `needed` one member for each group that has none in it yet, with the least total power.
// What the container holds and what is commonplace is preferred; SYS_ADMIN is never chosen.
// Deterministic.
CapabilitySet Choose(CapabilitySet needed, std::vector<CapabilitySet> groups, CapabilitySet held);

}  // namespace capmon
