// SPDX-License-Identifier: Apache-2.0
#include "client/commands/container_twin.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/render/artefact/about.h"
#include "client/run/check_command.h"
#include "common/json.h"

namespace capmon {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kTick(500);
constexpr std::chrono::milliseconds kShortTick(100);
constexpr std::chrono::seconds kMostPatience(5);  // with a check that is expected to fail

absl::StatusOr<v1::Profile> ProfileOf(Daemon& daemon, const std::string& id) {
  v1::GetProfileRequest request;
  request.set_container(id);
  request.set_include_evidence(true);
  return daemon.Call(&Daemon::Stub::GetProfile, request);
}

// A set that lacks a capability makes a start fail for one of these reasons. Any other, like a full
// disk, says nothing about the set.
bool MayBeDenied(const absl::Status& started) {
  const std::string message = absl::AsciiStrToLower(started.message());
  for (const char* reason : {"permission denied", "not permitted", "executable file not found"})
    if (absl::StrContains(message, reason)) return true;
  return false;
}

absl::StatusOr<TrialRun> TwinNotStarted(const absl::Status& why) {
  if (!MayBeDenied(why))
    return absl::UnavailableError(absl::StrCat("cannot start the twin: ", why.message()));
  TrialRun trial;
  trial.run.set_state("failed");
  trial.run.set_complaint(std::string(why.message()));
  return trial;
}

bool Runs(const json& inspected) { return FlagAt(inspected, {"State", "Running"}); }

}  // namespace

v1::VerifiedRun RunOf(const json& inspected) {
  v1::VerifiedRun run;
  run.set_state(Runs(inspected) ? "running" : "exited");
  run.set_exit_code(Runs(inspected) ? 0 : NumberAt(inspected, {"State", "ExitCode"}));
  return run;
}

absl::StatusOr<Original> FindOriginal(Daemon& daemon, const DockerEngine& engine,
                                      const std::string& name) {
  auto inspected = engine.Inspect(name);
  if (!inspected.ok()) return inspected.status();
  auto profile = ProfileOf(daemon, TextAt(*inspected, {"Id"}));
  if (!profile.ok()) return profile.status();
  return Original{*std::move(inspected), *std::move(profile)};
}

std::string WhyNothingIsKnown(const v1::Profile& profile) {
  const v1::Recommendation& advice = profile.recommendation();
  if (advice.unknown_reason().empty() || !advice.remove().empty()) return "";
  return absl::StrCat("what ", Printable(DisplayName(profile.container())),
                      " does not need is unknown, since ", advice.unknown_reason(), "; ",
                      RemedyFor(profile));
}

bool PassesWithoutTwin(const std::string& id, const TrialCheck& terms) {
  const auto patience = std::min(std::chrono::seconds(terms.timeout), kMostPatience);
  CheckCommand check(terms.command, patience, {{"CAPMON_TWIN", id}, {"CAPMON_TWIN_PID", "0"}});
  check.Try();
  return check.passed();
}

Twin::~Twin() {
  if (absl::Status removed = engine_.Remove(id_); !removed.ok())
    PrintError(std::string(removed.message()));
}

absl::StatusOr<TrialRun> Twin::Run(Daemon& daemon, const BlockedSignals& signals,
                                   const TrialCheck& terms) const {
  const absl::Status started = engine_.Start(id_);
  if (absl::IsAborted(started)) return TwinNotStarted(started);
  auto now = started.ok() ? engine_.Inspect(id_) : started;
  if (!now.ok()) return now.status();

  CheckCommand check(
      terms.command, std::chrono::seconds(terms.timeout),
      {{"CAPMON_TWIN", id_}, {"CAPMON_TWIN_PID", std::to_string(NumberAt(*now, {"State", "Pid"}))}},
      {.after = std::chrono::seconds(terms.after), .repeat = terms.repeat});
  TrialRun trial;
  while (Runs(*now) && !check.expired()) {
    check.Try();
    const auto signal = signals.Next(check.repeating() ? kShortTick : kTick);
    if (signal && signal->si_signo != SIGCHLD) {
      trial.interrupted_by = signal->si_signo;
      return trial;
    }
    now = engine_.Inspect(id_);
    if (!now.ok()) return now.status();
  }
  if (!Runs(*now)) check.Conclude();
  trial.interrupted_by = signals.TakeStop();  // which ends a check
  if (trial.interrupted_by != 0) return trial;
  trial.run = RunOf(*now);
  trial.unsteady = check.unsteady();
  if (check.given()) trial.run.set_check(check.passed() ? "passed" : "failed");
  auto profile = ProfileOf(daemon, id_);
  if (!profile.ok()) return profile.status();
  trial.profile = *std::move(profile);
  return trial;
}

}  // namespace capmon
