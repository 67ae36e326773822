// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimize_plan.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/container_twin.h"
#include "client/commands/verification.h"
#include "client/minimize/candidates.h"
#include "client/render/artefact/artefact.h"
#include "client/render/artefact/workload.h"
#include "client/rpc/reference.h"
#include "daemon/model/workload.h"

namespace capmon {
namespace {

constexpr char kTemplate[] = "\n  template:\n";

// One patch.
struct Step {
  std::string what;
  std::string when;  // a sentence, or ""
  CapabilitySet without;
};

std::vector<Step> StepsOf(std::vector<TrialCandidate> candidates) {
  std::stable_sort(
      candidates.begin(), candidates.end(),
      [](const TrialCandidate& a, const TrialCandidate& b) { return a.doubt < b.doubt; });
  CapabilitySet all, doubtful;
  for (const TrialCandidate& candidate : candidates) {
    all.Add(candidate.capability);
    if (candidate.doubt != Doubt::kRequired) doubtful.Add(candidate.capability);
  }
  std::vector<Step> steps = {
      {"with the whole set: " + NamesOf(all),
       "If the job fails with this, its check or the profile is wrong: stop.",
       {}}};
  const bool several = doubtful.members().size() > 1;
  if (several)
    steps.push_back({"without everything doubtful: " + NamesOf(doubtful),
                     "If it passes, leave out the steps for each of these.", doubtful});
  for (const TrialCandidate& candidate : candidates)
    steps.push_back({absl::StrCat("without ", ShortCapabilityName(candidate.capability), ": ",
                                  Explain(candidate.doubt)),
                     several && doubtful.Has(candidate.capability) ? "Only if step 2 failed." : "",
                     {candidate.capability}});
  return steps;
}

// Returns the object of the canary as `capmon check` and kubectl name it.
v1::Profile ForCanary(v1::Profile profile) {
  v1::Container& container = *profile.mutable_container();
  for (const char* prefix : {"deploy/", "sts/", "ds/"})
    if (container.workload().starts_with(prefix))
      container.set_workload(container.workload() + "-canary");
  return profile;
}

void LeaveOut(CapabilitySet without, v1::Recommendation& advice) {
  for (auto* const list : {advice.mutable_keep(), advice.mutable_unknown()}) {
    google::protobuf::RepeatedPtrField<std::string> kept;
    for (const std::string& name : *list) {
      const auto capability = ParseCapability(name);
      *(capability && without.Has(*capability) ? advice.add_remove() : kept.Add()) = name;
    }
    list->Swap(&kept);
  }
}

// The whole set has what an earlier search found unneeded.
void PutBackFoundUnneeded(v1::Recommendation& advice) {
  for (const std::string& name : advice.proven_unneeded()) advice.add_keep(name);
}

// Returns a patch that also gives the pods a workload of their own, so that what an earlier step
// showed is not counted for this one.
absl::StatusOr<std::string> PatchOf(v1::Profile profile, const Step& step, const std::string& label,
                                    bool with_about) {
  LeaveOut(step.without, *profile.mutable_recommendation());
  const auto artefact = RenderArtefact(profile, "k8s-patch");
  if (!artefact.ok()) return artefact.status();
  std::string text;
  const std::vector<std::string> lines = absl::StrSplit(artefact->text, '\n', absl::SkipEmpty());
  for (const std::string& line : lines)
    if (with_about || !line.starts_with('#')) absl::StrAppend(&text, line, "\n");
  const size_t place = text.find(kTemplate);
  if (place == text.npos)
    return absl::FailedPreconditionError(
        "a plan needs a Deployment, a StatefulSet or a DaemonSet, whose pods a patch can change");
  text.insert(place + sizeof(kTemplate) - 1, absl::StrCat("    metadata:\n      labels:\n        ",
                                                          kWorkloadLabel, ": ", label, "\n"));
  return text;
}

std::string Head(size_t steps, const std::string& subject, const std::string& object) {
  return absl::StrCat(
      "# Plan to find the smallest set for ", subject, " in ", steps, " steps.\n",
      "# Make a canary of it, ", object, ", that others do not depend on. For each step:\n",
      "#   1. save the step's document as step.yaml, and give it to the canary:\n",
      "#      kubectl patch ", object, " --patch-file step.yaml\n",
      "#   2. let the canary do all of its work, and see with your own checks that it was done\n",
      "#   3. see what was denied: kubectl get ", object, " -o yaml | capmon check -f -\n",
      "# A step passes if the work was done. \"lacks\" in step 3 names what was denied and may "
      "be\n",
      "# the reason if it was not. What a step that passes leaves out is unneeded by itself; to\n",
      "# try all of these together, print the next plan: capmon minimize --plan k8s --without "
      "LIST\n");
}

}  // namespace

absl::StatusOr<std::string> KubernetesPlan(const v1::Profile& original, CapabilitySet without) {
  v1::Profile profile = ForCanary(original);
  PutBackFoundUnneeded(*profile.mutable_recommendation());
  LeaveOut(without, *profile.mutable_recommendation());
  std::vector<TrialCandidate> candidates = CandidatesOf(profile);
  std::erase_if(candidates, [&](const auto& one) { return without.Has(one.capability); });
  profile.mutable_recommendation()->clear_proven_unneeded();
  const std::vector<Step> steps = StepsOf(std::move(candidates));
  const PodOwner owner = PodOwnerOf(profile.container());
  std::string object = absl::StrCat(absl::AsciiStrToLower(owner.kind), "/", owner.name);
  if (!owner.name_space.empty()) absl::StrAppend(&object, " -n ", owner.name_space);
  std::string text = Head(steps.size(), Printable(DisplayName(original.container())), object);
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto patch =
        PatchOf(profile, steps[i], absl::StrCat(owner.name, "-step-", i + 1), i == 0);
    if (!patch.ok()) return patch.status();
    absl::StrAppend(&text, "---\n# step ", i + 1, ": ", Printable(steps[i].what), "\n");
    if (!steps[i].when.empty()) absl::StrAppend(&text, "# ", steps[i].when, "\n");
    absl::StrAppend(&text, *patch);
  }
  return text;
}

absl::StatusOr<int> PlanForKubernetes(const Settings& settings, const MinimizeOptions& options) {
  const auto without = ParseCapabilityList(options.without.empty() ? "none" : options.without);
  if (!without.ok()) return without.status();
  const auto reference = ResolveReference(options.command[0]);
  if (!reference.ok()) return reference.status();
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  v1::GetProfileRequest request;
  request.set_container(*reference);
  request.set_include_evidence(true);
  const auto profile = daemon->Call(&Daemon::Stub::GetProfile, request);
  if (!profile.ok()) return profile.status();
  if (const std::string why = WhyNothingIsKnown(*profile); !why.empty())
    return absl::DataLossError("nothing to begin with: " + why);
  const auto plan = KubernetesPlan(*profile, *without);
  if (!plan.ok()) return plan.status();
  if (absl::Status printed = Print(*plan); !printed.ok()) return printed;
  return kExitOk;
}

}  // namespace capmon
