// SPDX-License-Identifier: Apache-2.0
// `capmon doctor`: what this machine and its capmond can do, what each gap costs, how to close it.
#pragma once

#include "absl/status/statusor.h"
#include "client/base/settings.h"

namespace capmon {

// The exit code: 0 all is well, 1 there is a gap or something is broken, 3 or 6 capmond cannot be
// asked.
absl::StatusOr<int> Doctor(const Settings& settings);

}  // namespace capmon
