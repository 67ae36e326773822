// SPDX-License-Identifier: Apache-2.0
// The reviewed tables for verdicts: embedded, or read from files.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/profile/call_sites.h"

namespace capmon {

// An empty path means the embedded table. Errors name the file and the line.
absl::StatusOr<CallSites> LoadKnowledge(const std::string& call_sites, const std::string& programs);

}  // namespace capmon
