// SPDX-License-Identifier: Apache-2.0
// What the shells' completion scripts call, and those scripts.
#pragma once

#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"

namespace capmon {

// `capmon __complete -- WORDS...`: prints what may come next, and returns the exit code. Says
// nothing when it cannot tell: completion never prints an error. It is no command of `app`,
// which would take the words for its own.
inline constexpr char kCompleteCommand[] = "__complete";
int CompleteCommandLine(const CLI::App& app, std::vector<std::string> words,
                        const std::string& address);

// `capmon completion SHELL`, one of kShells.
inline constexpr const char* kShells[] = {"bash", "zsh", "fish"};
absl::Status PrintCompletionScript(const std::string& shell);

}  // namespace capmon
