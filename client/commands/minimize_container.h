// SPDX-License-Identifier: Apache-2.0
// `capmon minimize --docker NAME`: runs twins of a container to find the smallest set. The
// container itself is not changed.
#pragma once

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/commands/minimization.h"

namespace capmon {

// Returns the exit codes of Minimize().
absl::StatusOr<int> MinimizeContainer(const Settings& settings, const MinimizeOptions& options);
// The same for the container of a service of Compose.
absl::StatusOr<int> MinimizeService(const Settings& settings, const MinimizeOptions& options);

}  // namespace capmon
