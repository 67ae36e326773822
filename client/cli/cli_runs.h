// SPDX-License-Identifier: Apache-2.0
// The commands that run a command or a twin of a container under a set.
#pragma once

#include "CLI/App.hpp"
#include "client/base/settings.h"
#include "client/cli/cli_local.h"

namespace capmon {

// Adds verify and minimize. `settings` and `action` must outlive `app`.
void AddRunsUnderSets(CLI::App& app, const Settings& settings, Action& action);

}  // namespace capmon
