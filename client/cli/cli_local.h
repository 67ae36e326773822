// SPDX-License-Identifier: Apache-2.0
// The commands that do not need capmond.
#pragma once

#include <functional>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"
#include "client/base/settings.h"

namespace capmon {

// Runs the chosen command and returns the exit code.
using Action = std::function<absl::StatusOr<int>()>;

// Adds inspect, decode, encode, files and completion. `settings` and `action` must outlive `app`.
void AddLocalCommands(CLI::App& app, const Settings& settings, Action& action);

}  // namespace capmon
