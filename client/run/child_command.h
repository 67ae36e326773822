// SPDX-License-Identifier: Apache-2.0
// A child process of capmon that is a command: waits for it, passes on signals, ends it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/run/blocked_signals.h"

namespace capmon {

// The result as a shell reports it: the exit code, 128+N after signal N, 126 and 127 for a command
// that could not be started.
struct CommandResult {
  int exit_code = 0;
  std::string not_started;  // why; empty when it ran
  bool stopped = false;     // because of RunTerms::enough
  int interrupted_by = 0;   // the last signal that interrupted capmon
};

// Returns when the child has ended. `enough`, if set, is called several times a second; true sends
// the child SIGTERM, and then SIGKILL if it does not end.
void WaitForChild(pid_t child, const BlockedSignals& signals, const std::function<bool()>& enough,
                  CommandResult& result);

// Converts the status of waitpid().
int ShellExitCode(int wait_status);

struct HelperTerms {
  std::map<std::string, std::string> environment = {};  // added to capmon's own
  // Of its standard output, which otherwise is standard error.
  std::string* first_line = nullptr;
};

// Runs a command with capmon's own privileges and in its cgroup, without input.
absl::StatusOr<CommandResult> RunHelper(const std::vector<std::string>& command,
                                        const BlockedSignals& signals, const HelperTerms& terms);

}  // namespace capmon
