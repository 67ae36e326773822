// SPDX-License-Identifier: Apache-2.0
// Which back end is used: the best one that starts. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace capmon {

// Starts `backends` in this order until one does; with `only`, no other than that one.
// INVALID_ARGUMENT when there is none of that name; PERMISSION_DENIED when none may be loaded;
// UNAVAILABLE naming each one's refusal.
absl::Status StartBest(const std::vector<std::string>& backends, const std::string& only,
                       const std::function<absl::Status(const std::string& backend)>& start);

}  // namespace capmon
