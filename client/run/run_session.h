// SPDX-License-Identifier: Apache-2.0
// A command in its own cgroup, so that its checks are counted apart from its first instruction on.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/run/blocked_signals.h"
#include "client/run/child_command.h"
#include "client/run/confinement.h"

namespace capmon {

// Optional settings of a run.
struct RunTerms {
  std::optional<Confinement> confinement;
  bool output_to_stderr = false;
  // Called several times a second while the command runs; true sends it SIGTERM, and then SIGKILL
  // if it does not end.
  std::function<bool()> enough;
  const BlockedSignals* signals = nullptr;  // set if the caller has blocked them
};

class RunSession {
 public:
  // Creates the cgroup. PERMISSION_DENIED if capmon may not.
  static absl::StatusOr<RunSession> Create(const std::string& command);
  RunSession(RunSession&& other) noexcept = default;
  RunSession& operator=(RunSession&&) = delete;

  // Its path in the hierarchy: "/capmon.run/nginx-1234".
  const std::string& cgroup() const { return cgroup_; }
  // Runs the command to its end with our standard streams, and passes on SIGINT, SIGTERM, SIGHUP
  // and SIGQUIT. One session at a time per caller.
  absl::StatusOr<CommandResult> Run(const std::vector<std::string>& command,
                                    const RunTerms& terms = {}) const;
  // Kills the remaining processes of the command.
  void KillAll() const;
  // FAILED_PRECONDITION if processes of the command remain in the cgroup.
  absl::Status Remove() const;

 private:
  friend void RemoveAbandonedSessions(const std::string& command);
  RunSession(std::string cgroup, std::string directory)
      : cgroup_(std::move(cgroup)), directory_(std::move(directory)) {}

  std::string cgroup_;
  std::string directory_;
};

// Kills and removes the sessions of one command whose capmon has ended without that: those named
// COMMAND-NUMBER-PID, where no process PID exists. Does nothing in a PID namespace of its own,
// where others' numbers mean nothing.
void RemoveAbandonedSessions(const std::string& command);

// "nginx-1234": a safe file name for any command.
std::string SessionName(const std::string& command, pid_t pid);
// Returns PID of "minimize-3-PID" for the command "minimize" if no such process exists; 0 for other
// names, and in a PID namespace of its own.
pid_t AbandonedBy(const std::string& name, const std::string& command);

}  // namespace capmon
