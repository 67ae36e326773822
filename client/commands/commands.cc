// SPDX-License-Identifier: Apache-2.0
#include "client/commands/commands.h"

#include <unistd.h>

#include <ctime>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/quoted.h"
#include "client/base/text.h"
#include "client/commands/ask.h"
#include "client/commands/document.h"
#include "client/commands/profile_source.h"
#include "client/commands/show.h"
#include "client/profile_file/convert.h"
#include "client/render/artefact/about.h"
#include "client/render/artefact/artefact.h"
#include "client/render/baseline.h"
#include "client/render/daemon_status.h"
#include "client/render/explanation.h"
#include "client/render/profile.h"
#include "client/rpc/daemon.h"
#include "client/rpc/pod_neighbours.h"
#include "client/rpc/reference.h"
#include "daemon/model/capability.h"
#include "generated/version.h"

namespace capmon {
namespace {

// `capmon version` also answers without capmond.
constexpr std::chrono::seconds kVersionPatience(2);

// Hints after a profile; printed only on a terminal.
std::string NextStep(const v1::Profile& profile, const std::string& reference) {
  if (::isatty(STDOUT_FILENO) == 0 || profile.capabilities().empty()) return "";
  const std::string kind = FittingKind(profile.container());
  const v1::Recommendation& advice = profile.recommendation();
  const bool grounds = advice.unknown_reason().empty() || !advice.remove().empty();
  const std::string settings =
      kind.empty() || !grounds ? ""
                               : absl::StrCat(", or capmon profile ", reference, " --as ", kind);
  return absl::StrCat("capmon explain ", reference, " ",
                      ShortName(profile.capabilities(0).capability()), settings);
}

absl::Status Reliable(const v1::Profile& profile) {
  const std::string why = WhyIncomplete(profile.confidence());
  if (why.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the evidence is incomplete: ", why, "; ",
                                          RemedyFor(profile), ", or leave out --strict"));
}

// Adds the other containers of the pod and the namespace: they decide into which list of the pod's
// spec the settings belong, and which settings all of them meet.
absl::Status AddNeighbours(const Settings& settings, const v1::Container& container,
                           const ProfileOptions& options, ArtefactOptions& artefact) {
  artefact.list = options.list.empty() ? "containers" : options.list;
  const bool for_all = *options.kind == "psa";
  const bool in_place = *options.kind == "k8s-patch" && options.list.empty();
  if (container.pod().empty() || (!for_all && !in_place)) return absl::OkStatus();
  v1::ListContainersRequest request;
  request.set_include_ended(true);
  const auto all = Ask(settings, &Daemon::Stub::ListContainers, request);
  if (!all.ok()) return all.status();
  if (in_place) artefact.list = PlaceInPod(container, *all);
  if (!for_all) return absl::OkStatus();
  for (const std::string& reference : NeighboursOf(container, *all)) {
    const auto neighbour =
        AskAbout<v1::GetProfileRequest>(reference, settings, &Daemon::Stub::GetProfile);
    if (absl::IsNotFound(neighbour.status())) continue;  // it ended meanwhile
    if (!neighbour.ok()) return neighbour.status();
    artefact.neighbours.push_back(*neighbour);
  }
  return absl::OkStatus();
}

// Formats without comments have their notes on standard error.
absl::Status ShowSettings(const Settings& settings, const v1::Profile& profile,
                          const ProfileOptions& options, bool from_file) {
  ArtefactOptions wanted;
  wanted.enforce = options.enforce;
  wanted.assume_unused = options.assume_unused;
  if (from_file && !options.list.empty()) wanted.list = options.list;
  absl::Status status =
      from_file ? absl::OkStatus() : AddNeighbours(settings, profile.container(), options, wanted);
  if (!status.ok()) return status;
  const auto artefact = RenderArtefact(profile, *options.kind, wanted);
  if (!artefact.ok()) return artefact.status();
  if (!artefact->about_is_in_text) PrintNotes(artefact->about);
  return Print(artefact->text);
}

absl::Status ShowAnswer(const Settings& settings, const v1::Profile& profile,
                        const std::string& reference, const ProfileOptions& options, bool from_file,
                        BetweenProfiles& between) {
  const absl::Status reliable = options.strict ? Reliable(profile) : absl::OkStatus();
  if (options.kind)
    return reliable.ok() ? ShowSettings(settings, profile, options, from_file) : reliable;
  if (std::exchange(between.after_first, true))
    if (absl::Status printed = Print(between.text); !printed.ok()) return printed;
  const absl::Status shown = Show(profile, settings, [&](std::ostream& out) {
    RenderProfile(out, profile, settings, from_file ? "" : NextStep(profile, reference));
  });
  return shown.ok() ? reliable : shown;
}

absl::Status ShowProfileOfFile(const Settings& settings, const std::string& file,
                               const ProfileOptions& options, BetweenProfiles& between) {
  if (options.kind && (*options.kind == "setcap" || *options.kind == "seccomp"))
    return absl::InvalidArgumentError(
        absl::StrCat("--as ", *options.kind,
                     " needs the evidence, which a profile file does not have; use a container"));
  const auto set = ProfilesOfFile(file);
  if (!set.ok()) return set.status();
  ProfileKey key;
  WorkloadProfile merged;
  for (const auto& [one, profile] : *set) {  // versions of one workload, the last one's name
    if (!key.workload.empty() && key.workload != one.workload)
      return absl::FailedPreconditionError(
          absl::StrCat(Quoted(file), " has several workloads; a profile shows one"));
    key = one;
    MergeInto(merged, profile);
  }
  const AnswerOptions wanted = {options.strict_minimal, options.assume_unused};
  return ShowAnswer(settings, AnswerFor(key, merged, wanted), file, options, /*from_file=*/true,
                    between);
}

}  // namespace

absl::Status ShowProfile(const Settings& settings, const std::string& reference,
                         const ProfileOptions& options, BetweenProfiles& between) {
  if (IsProfileFile(reference)) return ShowProfileOfFile(settings, reference, options, between);
  v1::GetProfileRequest request;
  request.set_strict_minimal(options.strict_minimal);
  request.set_assume_unused(options.assume_unused);
  request.set_instance(options.instance);
  request.set_include_evidence(settings.document() || options.kind);
  const auto profile = AskAbout(reference, settings, &Daemon::Stub::GetProfile, request);
  if (!profile.ok()) return profile.status();
  return ShowAnswer(settings, *profile, reference, options, /*from_file=*/false, between);
}

absl::Status Explain(const Settings& settings, const std::string& reference,
                     const std::string& capability, bool instance) {
  if (!ParseCapability(capability))
    return absl::InvalidArgumentError(
        absl::StrCat("there is no capability ", Quoted(capability), "; write it like NET_RAW"));
  v1::ExplainRequest request;
  request.set_capability(capability);
  request.set_instance(instance);
  const auto explanation = AskAbout(reference, settings, &Daemon::Stub::Explain, request);
  if (!explanation.ok()) return explanation.status();
  return Show(*explanation, settings,
              [&](std::ostream& out) { RenderExplanation(out, *explanation, settings); });
}

absl::StatusOr<int> ShowStatus(const Settings& settings, bool alive) {
  const auto status = Ask(settings, &Daemon::Stub::GetStatus, v1::GetStatusRequest());
  if (!status.ok()) return status.status();
  const absl::Status shown =
      Show(*status, settings, [&](std::ostream& out) { RenderStatus(out, *status); });
  if (!shown.ok()) return shown;
  const bool good =
      alive ? IsAlive(status->health(), std::time(nullptr)) : status->health().serving();
  return good ? kExitOk : kExitDifference;
}

absl::Status Reset(const Settings& settings, const std::string& reference, bool imported_only) {
  v1::ResetProfileRequest request;
  request.set_imported_only(imported_only);
  const auto done = AskAbout(reference, settings, &Daemon::Stub::ResetProfile, request);
  if (!done.ok()) return done.status();
  return Show(*done, settings, [&](std::ostream& out) {
    if (!imported_only)
      out << "The evidence of " << Printable(reference)
          << " is deleted. That of other instances of its workload stays, also what was folded of "
             "evicted ones, and so does an approval.\n";
    if (imported_only || done->imported() > 0)
      out << "What was imported for its workload is deleted: " << done->imported()
          << (done->imported() == 1 ? " row" : " rows") << ".\n";
  });
}

absl::Status SetBaseline(const Settings& settings, const std::string& reference) {
  const auto baseline = AskAbout(reference, settings, &Daemon::Stub::SetBaseline);
  if (!baseline.ok()) return baseline.status();
  return Show(*baseline, settings, [&](std::ostream& out) {
    out << "In the baseline: "
        << (baseline->used().empty() ? "nothing" : Printable(ShortNames(baseline->used()))) << '\n';
  });
}

namespace {

template <typename Request>
absl::Status AskForBaseline(const Settings& settings, const std::string& reference,
                            grpc::Status (Daemon::Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, v1::Baseline*),
                            Request request = {}) {
  const auto workload = ResolveReference(reference);
  if (!workload.ok()) return workload.status();
  request.set_workload(*workload);
  const auto baseline = Ask(settings, method, request);
  if (!baseline.ok()) return baseline.status();
  return Show(*baseline, settings, [&](std::ostream& out) { RenderBaseline(out, *baseline); });
}

}  // namespace

absl::Status Approve(const Settings& settings, const std::string& reference) {
  return AskForBaseline<v1::ApproveWorkloadRequest>(settings, reference,
                                                    &Daemon::Stub::ApproveWorkload);
}

absl::Status ShowBaseline(const Settings& settings, const std::string& reference) {
  return AskForBaseline<v1::GetBaselineRequest>(settings, reference, &Daemon::Stub::GetBaseline);
}

absl::Status ResetBaseline(const Settings& settings, const std::string& reference) {
  return AskForBaseline<v1::ResetBaselineRequest>(settings, reference,
                                                  &Daemon::Stub::ResetBaseline);
}

absl::Status ShowVersion(const Settings& settings) {
  v1::Status capmond;
  if (auto daemon = Daemon::Connect(settings.address); daemon.ok()) {
    auto status = daemon->Call(&Daemon::Stub::GetStatus, v1::GetStatusRequest(), kVersionPatience);
    if (status.ok()) capmond = *std::move(status);
  }
  if (settings.document())
    return PrintDocument({{"version", CAPMON_VERSION}, {"capmond_version", capmond.version()}},
                         settings.format);
  return Print(absl::StrCat("capmon " CAPMON_VERSION "\n",
                            capmond.version().empty() ? "" : "capmond ",
                            Printable(capmond.version()), capmond.version().empty() ? "" : "\n"));
}

}  // namespace capmon
