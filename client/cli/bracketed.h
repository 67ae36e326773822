// SPDX-License-Identifier: Apache-2.0
// Arguments like "[a,b]", which CLI11 would take apart where an option takes a list.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace capmon {

// The arguments without the program's name, last one first, as CLI::App::parse takes them. Those in
// brackets that belong to a command after "--", or to run, verify, encode or decode, are marked.
std::vector<std::string> ProtectBrackets(int argc, const char* const* argv);

// Lets a list option accept marked arguments as they were written.
CLI::Option* KeepBrackets(CLI::Option* option);
void KeepBracketsInAll(CLI::App* command);

}  // namespace capmon
