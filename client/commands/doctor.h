// SPDX-License-Identifier: Apache-2.0
// `capmon doctor`: checks this machine and capmond, and prints what is missing, what that costs and
// how to fix it.
#pragma once

#include "absl/status/statusor.h"
#include "client/base/settings.h"

namespace capmon {

// Returns the exit code: 0 nothing is missing that can be fixed, 1 something is, 3 or 6 capmond
// cannot be queried.
absl::StatusOr<int> Doctor(const Settings& settings);

}  // namespace capmon
