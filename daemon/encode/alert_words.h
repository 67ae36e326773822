// SPDX-License-Identifier: Apache-2.0
// Facts of an alert that more than one schema asks for.
#pragma once

#include <string>
#include <vector>

#include "daemon/model/alert.h"

namespace capmon {

// The rule's name, or the kind for an alert without a rule.
std::string TitleOf(const Alert& alert);

// "granted", "denied"; "" for an alert that is not about a capability.
std::string DecisionOf(const Alert& alert);

// The path inside the container, or else the last component that the kernel reported.
std::string ExecutableOf(const Alert& alert);

// False for an alert that concerns no container, as one about capmond itself.
bool Concerns(const Container& container);
// The id, or what replaces it for what has none, as a systemd unit.
std::string IdOf(const Container& container);

// "process.command_line: the process had ended".
std::vector<std::string> UnreadOf(const Alert& alert);

// "T1548.001" is part of "T1548".
bool IsSubTechnique(const Technique& technique);
std::string ParentOf(const Technique& technique);

}  // namespace capmon
