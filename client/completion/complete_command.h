// SPDX-License-Identifier: Apache-2.0
// The command that the completion scripts of shells call, and these scripts.
#pragma once

#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"

namespace capmon {

// `capmon __complete -- WORDS...`: prints the candidates for the last word and returns the exit
// code. Prints nothing on an error. It is no command of `app`, which would parse the words itself.
inline constexpr char kCompleteCommand[] = "__complete";
int CompleteCommandLine(const CLI::App& app, std::vector<std::string> words);

// `capmon completion SHELL`, one of kShells.
inline constexpr const char* kShells[] = {"bash", "zsh", "fish"};
absl::Status PrintCompletionScript(const std::string& shell);

}  // namespace capmon
