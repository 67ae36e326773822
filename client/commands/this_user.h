// SPDX-License-Identifier: Apache-2.0
// The user of this process, as capmond stores with what people decide.
#pragma once

#include <string>

namespace capmon {

std::string ThisUser();  // "alice (uid 1000)"

}  // namespace capmon
