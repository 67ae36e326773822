// SPDX-License-Identifier: Apache-2.0
#include "client/commands/verify_container.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/commands/container_twin.h"
#include "client/commands/verification.h"
#include "client/run/docker_twin.h"

namespace capmon {
namespace {

absl::StatusOr<Confinement> ConfinementFor(const VerifyOptions& options,
                                           const v1::Profile& profile) {
  const auto given = ParseCapabilityList(options.keep.value_or("none"));
  if (!given.ok()) return given.status();
  const auto without = ParseCapabilityList(options.without.empty() ? "none" : options.without);
  if (!without.ok()) return without.status();
  const v1::Recommendation& advice = profile.recommendation();
  if (const std::string why = WhyNothingIsKnown(profile); !options.keep && !why.empty())
    return absl::DataLossError(
        absl::StrCat("nothing to verify: ", why, ", or give the set with --keep"));
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
  const auto original = FindOriginal(*daemon, engine, options.container);
  if (!original.ok()) return original.status();
  const auto confinement = ConfinementFor(options, original->profile);
  if (!confinement.ok()) return confinement.status();

  TwinSettings like = SettingsForTwin(original->inspected, *confinement);
  const auto id =
      engine.Create(absl::StrCat(options.container, "-capmon-verify-", ::getpid()), like.body);
  if (!id.ok()) return id.status();
  const Twin twin(engine, *id);
  v1::Verification verification;
  const auto trial =
      twin.Run(*daemon, signals, {.command = options.check, .timeout = options.check_timeout});
  if (!trial.ok()) return trial.status();
  if (trial->interrupted_by != 0) return 128 + trial->interrupted_by;
  *verification.mutable_confined() = trial->run;
  if (trial->run.state() != "failed") Compare(original->profile, trial->profile, verification);
  verification.set_subject(options.container);
  for (const Capability c : confinement->keep.members()) verification.add_keep(CapabilityName(c));
  verification.set_no_new_privileges(confinement->no_new_privileges);
  *verification.mutable_before() = RunOf(original->inspected);
  for (const std::string& note : like.notes) verification.add_notes(note);
  return Report(std::move(verification), settings);
}

}  // namespace capmon
