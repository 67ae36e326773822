// SPDX-License-Identifier: Apache-2.0
// The part of the command line that is about profiles as files.
#pragma once

#include "CLI/App.hpp"
#include "client/cli/cli_local.h"

namespace capmon {

// Adds export, merge, diff, check and record. `settings` and `action` must outlive `app`.
void AddFileCommands(CLI::App& app, const Settings& settings, Action& action);

}  // namespace capmon
