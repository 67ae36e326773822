// SPDX-License-Identifier: Apache-2.0
#include "client/commands/verify_container.h"

#include <unistd.h>

#include <chrono>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/verification.h"
#include "client/render/artefact/about.h"
#include "client/rpc/daemon.h"
#include "client/run/blocked_signals.h"
#include "client/run/check_command.h"
#include "client/run/docker_engine.h"
#include "client/run/docker_twin.h"
#include "common/json.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kTick(500);

absl::StatusOr<v1::Profile> ProfileOf(Daemon& daemon, const std::string& id) {
  v1::GetProfileRequest request;
  request.set_container(id);
  request.set_include_evidence(true);
  return daemon.Call(&Daemon::Stub::GetProfile, request);
}

bool Runs(const Json& inspected) { return FlagAt(inspected, {"State", "Running"}); }

v1::VerifiedRun RunOf(const Json& inspected) {
  v1::VerifiedRun run;
  run.set_state(Runs(inspected) ? "running" : "exited");
  run.set_exit_code(Runs(inspected) ? 0 : NumberAt(inspected, {"State", "ExitCode"}));
  return run;
}

// A container that exists in the engine as long as this object.
class Twin {
 public:
  Twin(const DockerEngine& engine, std::string id) : engine_(engine), id_(std::move(id)) {}
  ~Twin() {
    if (absl::Status removed = engine_.Remove(id_); !removed.ok())
      PrintError(std::string(removed.message()));
  }
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  const std::string& id() const { return id_; }
  // Runs until the container ends, the time is over or a signal arrives, which sets
  // `interrupted_by`. The state in `run` is "failed" if the container could not be started.
  absl::Status Run(const VerifyOptions& options, const BlockedSignals& signals,
                   v1::VerifiedRun& run, int& interrupted_by) const {
    const absl::Status started = engine_.Start(id_);
    run.set_state("failed");
    run.set_complaint(std::string(started.message()));
    if (absl::IsAborted(started)) return absl::OkStatus();
    auto now = started.ok() ? engine_.Inspect(id_) : started;
    if (!now.ok()) return now.status();

    CheckCommand check(options.check, std::chrono::seconds(options.check_timeout),
                       {{"CAPMON_TWIN", id_},
                        {"CAPMON_TWIN_PID", std::to_string(NumberAt(*now, {"State", "Pid"}))}});
    while (Runs(*now) && !check.expired()) {
      check.Try();
      const auto signal = signals.Next(kTick);
      if (signal && signal->si_signo != SIGCHLD) {
        interrupted_by = signal->si_signo;
        return absl::OkStatus();
      }
      now = engine_.Inspect(id_);
      if (!now.ok()) return now.status();
    }
    if (!Runs(*now)) check.Conclude();
    run = RunOf(*now);
    if (check.given()) run.set_check(check.passed() ? "passed" : "failed");
    return absl::OkStatus();
  }

 private:
  const DockerEngine& engine_;
  const std::string id_;
};

struct Original {
  Json inspected;
  v1::Profile profile;
};

absl::StatusOr<Original> Find(Daemon& daemon, const DockerEngine& engine, const std::string& name) {
  auto inspected = engine.Inspect(name);
  if (!inspected.ok()) return inspected.status();
  auto profile = ProfileOf(daemon, TextAt(*inspected, {"Id"}));
  if (!profile.ok()) return profile.status();
  return Original{*std::move(inspected), *std::move(profile)};
}

absl::StatusOr<Confinement> ConfinementFor(const VerifyOptions& options,
                                           const v1::Profile& profile) {
  const auto given = ParseCapabilityList(options.keep.value_or("none"));
  if (!given.ok()) return given.status();
  const auto without = ParseCapabilityList(options.without.empty() ? "none" : options.without);
  if (!without.ok()) return without.status();
  const v1::Recommendation& advice = profile.recommendation();
  if (!options.keep && !advice.unknown_reason().empty() && advice.remove().empty())
    return absl::DataLossError(
        absl::StrCat("nothing to verify: what ", Printable(DisplayName(profile.container())),
                     " does not need is unknown, since ", advice.unknown_reason(), "; ",
                     RemedyFor(profile), ", or give the set with --keep"));
  const CapabilitySet keep = options.keep ? *given : SetOf(advice.keep()) | SetOf(advice.unknown());
  return Confinement{.keep = keep - *without,
                     .no_new_privileges = SafeWithoutNewPrivileges(profile)};
}

}  // namespace

absl::StatusOr<int> VerifyContainer(const Settings& settings, const VerifyOptions& options) {
  const BlockedSignals signals;  // before other threads exist, which could receive them
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  const DockerEngine engine(options.docker_socket);
  const auto original = Find(*daemon, engine, options.container);
  if (!original.ok()) return original.status();
  const auto confinement = ConfinementFor(options, original->profile);
  if (!confinement.ok()) return confinement.status();

  TwinSettings like = SettingsForTwin(original->inspected, *confinement);
  const auto id =
      engine.Create(absl::StrCat(options.container, "-capmon-verify-", ::getpid()), like.body);
  if (!id.ok()) return id.status();
  const Twin twin(engine, *id);
  v1::Verification verification;
  int interrupted_by = 0;
  absl::Status ran = twin.Run(options, signals, *verification.mutable_confined(), interrupted_by);
  if (!ran.ok()) return ran;
  if (interrupted_by != 0) return 128 + interrupted_by;

  if (verification.confined().state() != "failed") {
    const auto profile = ProfileOf(*daemon, twin.id());
    if (!profile.ok()) return profile.status();
    Compare(original->profile, *profile, verification);
  }
  verification.set_subject(options.container);
  for (const Capability c : confinement->keep.members()) verification.add_keep(CapabilityName(c));
  verification.set_no_new_privileges(confinement->no_new_privileges);
  *verification.mutable_before() = RunOf(original->inspected);
  for (const std::string& note : like.notes) verification.add_notes(note);
  return Report(std::move(verification), settings);
}

}  // namespace capmon
