// SPDX-License-Identifier: Apache-2.0
#include "client/commands/command_trials.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/output.h"
#include "client/commands/run_command.h"
#include "client/run/check_command.h"
#include "client/run/child_command.h"

namespace capmon {

absl::StatusOr<TrialRun> CommandTrials::Run(const std::string& name,
                                            std::optional<Confinement> confinement) {
  const auto stopped = RunBefore();
  if (!stopped.ok()) return stopped.status();
  if (*stopped != 0) {
    TrialRun interrupted;
    interrupted.interrupted_by = *stopped;
    return interrupted;
  }
  const auto session = NewSession(daemon_, name);
  if (!session.ok()) return session.status();
  auto trial = RunIn(*session, std::move(confinement));
  session->KillAll();
  if (absl::Status removed = session->Remove(); !removed.ok())
    PrintError(std::string(removed.message()));
  return trial;
}

absl::StatusOr<int> CommandTrials::RunBefore() const {
  if (before_.empty()) return 0;
  const auto done = RunHelper({"/bin/sh", "-c", before_}, signals_, {});
  if (!done.ok()) return done.status();
  if (done->interrupted_by != 0 || done->exit_code == 0) return done->interrupted_by;
  return absl::UnavailableError(absl::StrCat("the command of --before ended with exit status ",
                                             done->exit_code,
                                             ", so a run would not begin as the others did"));
}

absl::StatusOr<TrialRun> CommandTrials::RunIn(const RunSession& session,
                                              std::optional<Confinement> confinement) {
  CheckCommand check(check_.command, std::chrono::seconds(check_.timeout), {},
                     {.after = std::chrono::seconds(check_.after), .repeat = check_.repeat});
  RunTerms run_terms;
  run_terms.confinement = std::move(confinement);
  run_terms.output_to_stderr = true;
  run_terms.signals = &signals_;
  if (check.given())
    run_terms.enough = [&] {
      check.Try();
      return check.expired();
    };
  const auto result = session.Run(command_, run_terms);
  if (!result.ok()) return result.status();
  TrialRun trial;
  trial.interrupted_by = result->interrupted_by;
  if (check.given() && !result->stopped && trial.interrupted_by == 0) {
    check.Conclude();
    trial.interrupted_by = signals_.TakeStop();  // which ends a check
  }
  trial.unsteady = check.unsteady();
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

}  // namespace capmon
