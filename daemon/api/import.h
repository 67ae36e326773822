// SPDX-License-Identifier: Apache-2.0
// Validates what a client imports: files may be hostile, and so may clients.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

// Returns an event for each row. INVALID_ARGUMENT, in one sentence, for names that no workload has,
// unknown words and whatever exceeds the limits.
absl::StatusOr<std::vector<RowImported>> RowsOf(const v1::ImportProfilesRequest& request);

inline constexpr int kMaxRowsOfImport = 64;
inline constexpr size_t kMaxFileNameBytes = 256;

}  // namespace capmon
