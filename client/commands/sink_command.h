// SPDX-License-Identifier: Apache-2.0
// `capmon sink list`, `test NAME`, `flush NAME`: the receivers of alerts.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"

namespace capmon {

// `words`: an action, and a name where it takes one. Returns the exit code: 1 if the receiver did
// not accept a test, or if alerts still wait after a flush.
absl::StatusOr<int> SinkCommand(const Settings& settings, const std::vector<std::string>& words,
                                int patience_seconds);

}  // namespace capmon
