// SPDX-License-Identifier: Apache-2.0
// `capmon run -- CMD`: runs a command, then prints what it needed. What it shares with `verify`.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/rpc/daemon.h"
#include "client/run/run_session.h"

namespace capmon {

struct RunOptions {
  std::vector<std::string> command;
  std::string output;  // file for the profile; empty: standard output
  bool strict_minimal = false;
};

// The command's exit code, as a shell would have it. Nothing is run when capmond cannot be asked.
absl::StatusOr<int> RunCommand(const Settings& settings, const RunOptions& options);

// A capmond that answers. PERMISSION_DENIED unless we are root; `verb` is the command's name.
absl::StatusOr<Daemon> DaemonForSessions(const Settings& settings, const std::string& verb);
// Starts a session after capmond has seen its cgroup, so it watches from the first system call.
absl::StatusOr<RunSession> NewSession(Daemon& daemon, const std::string& name);
// What was learned in the cgroup of a session.
absl::StatusOr<v1::Profile> SessionProfile(Daemon& daemon, const std::string& cgroup,
                                           v1::GetProfileRequest request = {});

}  // namespace capmon
