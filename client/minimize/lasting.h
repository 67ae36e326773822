// SPDX-License-Identifier: Apache-2.0
// What outlives a run: a later run without a capability may pass only because an earlier one had
// it. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/minimize/search.h"

namespace capmon {

// Why a run that passes without a capability proves nothing about it, a clause each.
using Lasting = std::map<Capability, std::string>;

// Of those that change owners, rights and kinds of files, or write to files of others.
CapabilitySet LastingInFiles();

// Adds a reason for each of `set` that has none yet.
void AddLasting(CapabilitySet set, const std::string& why, Lasting& lasting);
// Adds those that change the kernel, its rules or the clock, for all.
void AddLastingOnHost(Lasting& lasting);
void ApplyLasting(const Lasting& lasting, std::vector<TrialCandidate>& candidates);

}  // namespace capmon
