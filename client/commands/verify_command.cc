// SPDX-License-Identifier: Apache-2.0
#include "client/commands/verify_command.h"

#include <utility>

#include "client/base/text.h"
#include "client/commands/command_trials.h"
#include "client/commands/run_command.h"
#include "client/commands/verification.h"

namespace capmon {
namespace {

// Returns true after an interrupt that must end capmon too. Without --check the user may interrupt
// a server only to end the first run.
bool GiveUp(const TrialRun& trial, const VerifyOptions& options) {
  return trial.interrupted_by != 0 && !options.check.empty();
}

}  // namespace

absl::StatusOr<int> VerifyCommand(const Settings& settings, const VerifyOptions& options) {
  const auto given = ParseCapabilityList(options.keep.value_or("none"));
  if (!given.ok()) return given.status();
  const auto without = ParseCapabilityList(options.without.empty() ? "none" : options.without);
  if (!without.ok()) return without.status();
  const BlockedSignals signals;  // before other threads exist, which could receive them
  auto daemon = DaemonForSessions(settings, "verify");
  if (!daemon.ok()) return daemon.status();

  CommandTrials trials(*daemon, signals, options.command,
                       {.command = options.check, .timeout = options.check_timeout});
  TrialRun before;
  Confinement confinement{.keep = *given, .no_new_privileges = false};
  v1::Verification verification;
  if (!options.keep) {
    auto learning = trials.Run(options.command[0], std::nullopt);
    if (!learning.ok()) return learning.status();
    before = *std::move(learning);
    if (GiveUp(before, options)) return 128 + before.interrupted_by;
    if (before.run.state() == "failed") return absl::InvalidArgumentError(before.run.complaint());
    const v1::Recommendation& advice = before.profile.recommendation();
    confinement = {.keep = SetOf(advice.keep()) | SetOf(advice.unknown()),
                   .no_new_privileges = SafeWithoutNewPrivileges(before.profile)};
    *verification.mutable_before() = before.run;
  }
  confinement.keep = confinement.keep - *without;
  if (absl::Status able = CanConfine(confinement.keep); !able.ok()) return able;

  const auto confined = trials.Run(options.command[0] + "-confined", confinement);
  if (!confined.ok()) return confined.status();
  if (GiveUp(*confined, options)) return 128 + confined->interrupted_by;
  verification.set_subject(CommandLine(options.command));
  for (const Capability c : confinement.keep.members()) verification.add_keep(CapabilityName(c));
  verification.set_no_new_privileges(confinement.no_new_privileges);
  *verification.mutable_confined() = confined->run;
  Compare(before.profile, confined->profile, verification);
  return Report(std::move(verification), settings);
}

}  // namespace capmon
