// SPDX-License-Identifier: Apache-2.0
// What people think of capabilities: which are given out by default, and how much each can do.
#pragma once

#include <string>
#include <vector>

#include "daemon/model/capability.h"

namespace capmon {

// Admitted by the Pod Security baseline, or given by Docker to every container.
bool IsCommonplace(Capability capability);
// 1 (harmless) to 5 (the machine is lost). Only compared.
int PowerOf(Capability capability);

// "NET_RAW", "NET_RAW or NET_ADMIN", "A, B or C"
std::string JoinNames(const std::vector<Capability>& capabilities, const char* last_joint);

}  // namespace capmon
