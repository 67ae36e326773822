// SPDX-License-Identifier: Apache-2.0
// `capmon minimize --runner COMMAND`: a command of the user's runs the job under each set and says
// whether it was done. For what capmon cannot start itself.
#pragma once

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/commands/minimization.h"

namespace capmon {

// Returns the exit codes of Minimize().
absl::StatusOr<int> MinimizeByRunner(const Settings& settings, const MinimizeOptions& options);

}  // namespace capmon
