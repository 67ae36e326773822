// SPDX-License-Identifier: Apache-2.0
// `capmon run -- CMD`: runs a command, then prints its profile. Also has what `verify` shares with
// it.
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

// Returns the command's exit code, as a shell reports it. Runs nothing if capmond cannot be
// queried.
absl::StatusOr<int> RunCommand(const Settings& settings, const RunOptions& options);

// Returns a connection to a running capmond. PERMISSION_DENIED unless run as root; `verb` is the
// command's name.
absl::StatusOr<Daemon> DaemonForSessions(const Settings& settings, const std::string& verb);
// Creates a session and waits until capmond has seen its cgroup, so that the first system call is
// watched.
absl::StatusOr<RunSession> NewSession(Daemon& daemon, const std::string& name);
// Returns the profile of a session's cgroup.
absl::StatusOr<v1::Profile> SessionProfile(Daemon& daemon, const std::string& cgroup,
                                           v1::GetProfileRequest request = {});

}  // namespace capmon
