// SPDX-License-Identifier: Apache-2.0
// Techniques of MITRE ATT&CK (kAttackVersion) by capability: what an attacker does with it.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/model/alert.h"
#include "daemon/model/capability.h"

namespace capmon {

// The techniques of ids separated by blanks, "T1611 T1068"; an id without a name is left out.
std::vector<Technique> TechniquesOf(std::string_view ids);
// Empty for capabilities that are no technique by themselves.
std::vector<Technique> TechniquesOf(Capability capability);
// Adds those that are not in the list yet.
void AddTechniques(std::vector<Technique>& to, const std::vector<Technique>& more);

}  // namespace capmon
