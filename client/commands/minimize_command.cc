// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimize_command.h"

#include <linux/capability.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/command_trials.h"
#include "client/commands/run_command.h"

namespace capmon {
namespace {

constexpr char kLasts[] =
    "what it does to files or settings lasts, so a run without it may pass because of an "
    "earlier one; a command that undoes it before each run, --before, allows to try";
constexpr char kSession[] = "minimize";  // with the number of the run: minimize-3

// Runs of a command share the machine.
Lasting LastingUnless(bool undone) {
  Lasting lasting;
  if (undone) return lasting;
  const CapabilitySet others = {CAP_SYS_ADMIN, CAP_NET_ADMIN};
  AddLasting(LastingInFiles() | others, kLasts, lasting);
  AddLastingOnHost(lasting);
  return lasting;
}

}  // namespace

absl::StatusOr<int> MinimizeCommand(const Settings& settings, const MinimizeOptions& options) {
  const BlockedSignals signals;  // before other threads exist, which could receive them
  auto daemon = DaemonForSessions(settings, "minimize");
  if (!daemon.ok()) return daemon.status();
  CommandTrials trials(*daemon, signals, options.command, options.check, options.before);

  RemoveAbandonedSessions(kSession);
  PrintNotes({"first run, to learn: with everything"});
  auto learning = trials.Run(absl::StrCat(kSession, "-0"), std::nullopt);
  if (!learning.ok()) return learning.status();
  if (learning->interrupted_by != 0) return 128 + learning->interrupted_by;
  if (learning->run.state() == "failed")
    return absl::InvalidArgumentError(learning->run.complaint());
  const v1::Recommendation& advice = learning->profile.recommendation();
  if (absl::Status able = CanConfine(SetOf(advice.keep()) | SetOf(advice.unknown())); !able.ok())
    return able;

  Job job;
  job.subject = CommandLine(options.command);
  job.before = *std::move(learning);
  job.lasting = LastingUnless(/*undone=*/!options.before.empty());
  job.run = [&](int number, const Confinement& confinement) {
    return trials.Run(absl::StrCat(kSession, "-", number), confinement);
  };
  return Minimize(job, options, settings);
}

}  // namespace capmon
