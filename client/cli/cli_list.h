// SPDX-License-Identifier: Apache-2.0
// The options of `capmon list`, and those that it shares with other commands.
#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "client/base/settings.h"
#include "client/base/terminal_style.h"
#include "client/cli/cli_local.h"

namespace capmon {

void AddListCommand(CLI::App& app, Settings& settings, TerminalStyleOptions& style, Action& action);

// Adds the options of commands that draw.
void AddLook(CLI::App* command, TerminalStyleOptions& style);

// What is wrong with text that selects something, or "": it is neither empty nor endless, and such
// that gRPC can send it.
std::string FaultOfFilter(const std::string& text);

}  // namespace capmon
