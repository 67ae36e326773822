// SPDX-License-Identifier: Apache-2.0
// Removes every trace of capmond: what is pinned, what is kept, the socket
// and its directory.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config.h"

namespace capmon {

// What was removed; nothing is fine, too. FAILED_PRECONDITION, with all still there, when a capmond
// runs with any of it.
absl::StatusOr<std::vector<std::string>> Uninstall(const Config& config);

}  // namespace capmon
