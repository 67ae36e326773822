// SPDX-License-Identifier: Apache-2.0
// The reviewed tables that verdicts are made with: built in, or read from files.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/profile/call_sites.h"

namespace capmon {

// An empty path is the table built in. Errors name the file and the line.
absl::StatusOr<CallSites> LoadKnowledge(const std::string& call_sites, const std::string& programs);

}  // namespace capmon
