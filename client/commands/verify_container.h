// SPDX-License-Identifier: Apache-2.0
// `capmon verify --docker NAME`: starts a twin of a container with only the recommended
// capabilities, watches it for a while and removes it.
#pragma once

#include "absl/status/statusor.h"
#include "client/commands/verify_command.h"

namespace capmon {

// Returns kExitOk, kExitDifference, or 128+N when interrupted by signal N.
absl::StatusOr<int> VerifyContainer(const Settings& settings, const VerifyOptions& options);

}  // namespace capmon
