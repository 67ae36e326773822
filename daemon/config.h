// SPDX-License-Identifier: Apache-2.0
// capmond's command line, and the file that it names.
#pragma once

#include <variant>

#include "daemon/settings/settings.h"

namespace capmon {

// Returns the settings, or an exit code: for --help, --check-config and the like, or for an error,
// which was printed on stderr.
std::variant<Settings, int> ParseCommandLine(int argc, const char* const* argv);

}  // namespace capmon
