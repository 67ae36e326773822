// SPDX-License-Identifier: Apache-2.0
// The command line: the commands and their options.
#pragma once

namespace capmon {

// Runs one command and returns the exit code. Prints one sentence on standard error for every
// failure.
int RunCli(int argc, const char* const* argv);

}  // namespace capmon
