// SPDX-License-Identifier: Apache-2.0
#include "client/commands/verify_command.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/run_command.h"
#include "client/commands/verification.h"
#include "client/run/check_command.h"
#include "client/run/run_session.h"

namespace capmon {
namespace {

// One run of the command, and its profile.
struct Trial {
  v1::VerifiedRun run;
  v1::Profile profile;
  int interrupted_by = 0;
};

class Trials {
 public:
  Trials(Daemon& daemon, const VerifyOptions& options, const BlockedSignals& signals)
      : daemon_(daemon), options_(options), signals_(signals) {}

  // `name` distinguishes its session from the others.
  absl::StatusOr<Trial> Run(const std::string& name, std::optional<Confinement> confinement) {
    const auto session = NewSession(daemon_, name);
    if (!session.ok()) return session.status();
    auto trial = RunIn(*session, std::move(confinement));
    session->KillAll();
    if (absl::Status removed = session->Remove(); !removed.ok())
      PrintError(std::string(removed.message()));
    return trial;
  }

 private:
  absl::StatusOr<Trial> RunIn(const RunSession& session, std::optional<Confinement> confinement) {
    CheckCommand check(options_.check, std::chrono::seconds(options_.check_timeout));
    RunTerms terms;
    terms.confinement = std::move(confinement);
    terms.output_to_stderr = true;
    terms.signals = &signals_;
    if (check.given())
      terms.enough = [&check] {
        check.Try();
        return check.expired();
      };
    const auto result = session.Run(options_.command, terms);
    if (!result.ok()) return result.status();
    if (check.given() && !result->stopped && result->interrupted_by == 0) check.Conclude();

    Trial trial;
    trial.interrupted_by = result->interrupted_by;
    const bool started = result->not_started.empty();
    trial.run.set_state(!started ? "failed" : result->stopped ? "stopped" : "exited");
    trial.run.set_exit_code(result->exit_code);
    trial.run.set_complaint(result->not_started);
    if (check.given()) trial.run.set_check(check.passed() ? "passed" : "failed");
    v1::GetProfileRequest request;
    request.set_include_evidence(true);
    auto profile = SessionProfile(daemon_, session.cgroup(), request);
    if (!profile.ok()) return profile.status();
    trial.profile = *std::move(profile);
    return trial;
  }

  Daemon& daemon_;
  const VerifyOptions& options_;
  const BlockedSignals& signals_;
};

// Returns the command as one would type it.
std::string CommandLine(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    const bool plain = !word.empty() && word.find_first_of(" \t\n\"'\\$;&|<>()*?#~`") == word.npos;
    absl::StrAppend(
        &line, line.empty() ? "" : " ",
        plain ? word : absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'"));
  }
  return line;
}

// Returns true after an interrupt that must end capmon too. Without --check the user may interrupt
// a server only to end the first run.
bool GiveUp(const Trial& trial, const VerifyOptions& options) {
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

  Trials trials(*daemon, options, signals);
  Trial before;
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
