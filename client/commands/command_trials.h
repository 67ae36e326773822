// SPDX-License-Identifier: Apache-2.0
// Runs a command several times, each time in a cgroup of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/commands/trial.h"
#include "client/rpc/daemon.h"
#include "client/run/blocked_signals.h"
#include "client/run/confinement.h"
#include "client/run/run_session.h"

namespace capmon {

class CommandTrials {
 public:
  // `before` is for sh and runs before each run; "" for none.
  CommandTrials(Daemon& daemon, const BlockedSignals& signals, std::vector<std::string> command,
                TrialCheck check, std::string before = "")
      : daemon_(daemon),
        signals_(signals),
        command_(std::move(command)),
        check_(std::move(check)),
        before_(std::move(before)) {}

  // Without a confinement if that is unset. `name` distinguishes its session from the others.
  absl::StatusOr<TrialRun> Run(const std::string& name, std::optional<Confinement> confinement);

 private:
  // Returns 0, or the signal that arrived meanwhile.
  absl::StatusOr<int> RunBefore() const;
  absl::StatusOr<TrialRun> RunIn(const RunSession& session, std::optional<Confinement> confinement);

  Daemon& daemon_;
  const BlockedSignals& signals_;
  const std::vector<std::string> command_;
  const TrialCheck check_;
  const std::string before_;
};

// Returns the command as one would type it.
std::string CommandLine(const std::vector<std::string>& words);

}  // namespace capmon
