// SPDX-License-Identifier: Apache-2.0
// Calls that lead out of a container: the rules CM011 to CM016.
#pragma once

#include <string_view>

#include "daemon/model/kernel_event.h"

namespace capmon {

// Returns the rule of a check shaped like a way out; nullptr for any other.
const char* EscapeRuleOf(const CheckKey& key);
bool IsEscapeRule(std::string_view rule);

}  // namespace capmon
