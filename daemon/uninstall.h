// SPDX-License-Identifier: Apache-2.0
// Removes every trace of capmond: the pins, the stored evidence, the socket and its directory.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/settings/config.h"

namespace capmon {

// Returns what was removed, which may be nothing. FAILED_PRECONDITION, with nothing removed, while
// a capmond uses any of it.
absl::StatusOr<std::vector<std::string>> Uninstall(const Config& config);

}  // namespace capmon
