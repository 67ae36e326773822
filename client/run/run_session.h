// SPDX-License-Identifier: Apache-2.0
// A command in its own cgroup, so that its checks are counted apart from its first instruction.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/run/blocked_signals.h"
#include "client/run/confinement.h"

namespace capmon {

// How a shell would report it: the exit code, 128+N after signal N, 126 and 127 for what could not
// be started.
struct CommandResult {
  int exit_code = 0;
  std::string not_started;  // why; empty when it ran
  bool stopped = false;     // because RunTerms::enough said so
  int interrupted_by = 0;   // the last signal that asked us to stop meanwhile
};

// What is not ordinary about a run.
struct RunTerms {
  std::optional<Confinement> confinement;
  bool output_to_stderr = false;
  // Asked several times a second while the command runs; true: it gets SIGTERM, and SIGKILL if
  // that does not end it.
  std::function<bool()> enough;
  const BlockedSignals* signals = nullptr;  // where the caller has blocked them already
};

class RunSession {
 public:
  // Makes the cgroup. PERMISSION_DENIED where that takes more rights than we have.
  static absl::StatusOr<RunSession> Create(const std::string& command);
  RunSession(RunSession&& other) noexcept = default;
  RunSession& operator=(RunSession&&) = delete;

  // Its path in the hierarchy: "/capmon.run/nginx-1234".
  const std::string& cgroup() const { return cgroup_; }
  // Runs the command with our standard streams to its end; SIGINT, SIGTERM, SIGHUP and SIGQUIT
  // meanwhile go to it. The caller has one such session at a time.
  absl::StatusOr<CommandResult> Run(const std::vector<std::string>& command,
                                    const RunTerms& terms = {}) const;
  // Ends whatever the command left behind.
  void KillAll() const;
  // FAILED_PRECONDITION when processes of the command are still in there.
  absl::Status Remove() const;

 private:
  RunSession(std::string cgroup, std::string directory)
      : cgroup_(std::move(cgroup)), directory_(std::move(directory)) {}

  std::string cgroup_;
  std::string directory_;
};

// "nginx-1234": safe as a file name whatever the command is called.
std::string SessionName(const std::string& command, pid_t pid);
// From what waitpid() says.
int ShellExitCode(int wait_status);

}  // namespace capmon
