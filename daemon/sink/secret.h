// SPDX-License-Identifier: Apache-2.0
// Reads secrets when they are used, so that a changed file counts from then on.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

// Returns "" for no secret. A line break at the end of a file is left out. FAILED_PRECONDITION if
// it cannot be read or cannot stand in a header; the sentence never contains it.
absl::StatusOr<std::string> ReadSecret(const Secret& secret);

}  // namespace capmon
