// SPDX-License-Identifier: Apache-2.0
// `capmon minimize -- CMD`: runs a command again and again to find the smallest set.
#pragma once

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/commands/minimization.h"

namespace capmon {

// Returns the exit codes of Minimize().
absl::StatusOr<int> MinimizeCommand(const Settings& settings, const MinimizeOptions& options);

}  // namespace capmon
