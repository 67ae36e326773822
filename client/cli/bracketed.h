// SPDX-License-Identifier: Apache-2.0
// Protects arguments like "[a,b]", which CLI11 would split if the option is a list.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace capmon {

// Returns the arguments without the program's name, last one first, as CLI::App::parse expects
// them. Marks arguments in brackets after "--" and those of run, verify,
// minimize, encode and decode.
std::vector<std::string> ProtectBrackets(int argc, const char* const* argv);

// Removes the marks from the values of a list option.
CLI::Option* KeepBrackets(CLI::Option* option);
void KeepBracketsInAll(CLI::App* command);

}  // namespace capmon
