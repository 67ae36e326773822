// SPDX-License-Identifier: Apache-2.0
// The command line: which commands and options there are, and what they lead to.
#pragma once

namespace capmon {

// Runs one command to its end and returns the exit code. Every failure is one sentence on standard
// error.
int RunCli(int argc, const char* const* argv);

}  // namespace capmon
