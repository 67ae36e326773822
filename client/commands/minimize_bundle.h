// SPDX-License-Identifier: Apache-2.0
// `capmon minimize --oci BUNDLE`: runs the container of an OCI bundle again and again with a
// runtime like runc. The bundle is only read.
#pragma once

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/commands/minimization.h"

namespace capmon {

// Returns the exit codes of Minimize().
absl::StatusOr<int> MinimizeBundle(const Settings& settings, const MinimizeOptions& options);

}  // namespace capmon
