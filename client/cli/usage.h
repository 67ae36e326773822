// SPDX-License-Identifier: Apache-2.0
// What a command line that cannot be parsed is answered with: one sentence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"

namespace capmon {

// Returns the sentence for standard error, with the most similar command or option if there is one.
std::string UsageSentence(const CLI::App& app, const CLI::ParseError& error);

// "there is no command "lst"; the nearest is "list""
std::string NoSuchCommand(const CLI::App& app, std::string_view word);

}  // namespace capmon
