// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/kinds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/base/quoted.h"
#include "client/base/text.h"
#include "client/render/artefact/about.h"
#include "client/render/artefact/artefact.h"

namespace capmon {
namespace {

constexpr unsigned kEngine = kGrantsCapabilities | kLimitsPrivileges;

constexpr Kind kKinds[] = {
    {"docker", "flags for docker run", Place::kDocker, kEngine, false, DockerFlags},
    {"podman", "flags for podman run", Place::kPodman, kEngine, false, PodmanFlags},
    {"compose", "an override file for Compose", Place::kDocker, kEngine, true, ComposeOverride},
    {"k8s", "the securityContext of a container", Place::kKubernetes, kEngine, true,
     KubernetesSecurityContext},
    {"k8s-patch", "the same as a patch, for kustomize or kubectl", Place::kKubernetes, kEngine,
     true, KubernetesPatch},
    {"psa", "the Pod Security level it meets, as labels of a namespace", Place::kKubernetes,
     kEnforces, true, PodSecurityLabels},
    {"vap", "a ValidatingAdmissionPolicy and its binding", Place::kKubernetes, kEnforces, true,
     KubernetesAdmissionPolicy},
    {"kyverno", "a ValidatingPolicy of Kyverno", Place::kKubernetes, kEnforces, true,
     KyvernoPolicy},
    {"gatekeeper", "a constraint for Gatekeeper's K8sPSPCapabilities", Place::kKubernetes,
     kEnforces, true, GatekeeperConstraint},
    {"systemd", "a drop-in for a unit", Place::kSystemd, kEngine | kSetsAmbient, true,
     SystemdDropIn},
    {"apparmor", "rules to be put into an AppArmor profile", Place::kAnywhere, kGrantsCapabilities,
     true, AppArmorRules},
    {"oci", "a part of config.json, to be merged", Place::kAnywhere, kEngine | kSetsAmbient, false,
     OciProcess},
    {"setcap", "capabilities of files, where the evidence allows that", Place::kAnywhere, 0, true,
     FileCapabilityCommands},
    {"seccomp", "a seccomp filter: the engine's default, without what is removed", Place::kAnywhere,
     0, false, SeccompProfile},
};

const Kind* Find(const std::string& name) {
  const auto kind = std::ranges::find_if(kKinds, [&](const Kind& k) { return k.name == name; });
  return kind == std::end(kKinds) ? nullptr : kind;
}

// Without evidence, settings that drop everything could break the container.
absl::Status CheckGrounds(const v1::Profile& profile, const ArtefactOptions& options) {
  const v1::Recommendation& advice = profile.recommendation();
  if (options.assume_unused || advice.unknown_reason().empty() || !advice.remove().empty())
    return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("no settings for ", Printable(DisplayName(profile.container())),
                   ": what it does not need is unknown, since ", advice.unknown_reason(), "; ",
                   RemedyFor(profile), ", or treat unknown as unused with --assume-unused"));
}

std::string KindsWithEnforcement() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds)
    if (kind.means & kEnforces) names.push_back(kind.name);
  return absl::StrJoin(names, ", ");
}

}  // namespace

absl::Status CheckArtefact(const std::string& name, const ArtefactOptions& options) {
  const Kind* const kind = Find(name);
  if (kind == nullptr)
    return absl::InvalidArgumentError(absl::StrCat("there is no kind of settings ", Quoted(name),
                                                   "; the kinds are: ", ArtefactKinds()));
  if (options.enforce && !(kind->means & kEnforces))
    return absl::InvalidArgumentError(
        absl::StrCat("--as ", name, " has nothing to enforce; use --enforce only with ",
                     KindsWithEnforcement()));
  return absl::OkStatus();
}

absl::StatusOr<Artefact> RenderArtefact(const v1::Profile& profile, const std::string& name,
                                        const ArtefactOptions& options) {
  if (absl::Status status = CheckArtefact(name, options); !status.ok()) return status;
  if (absl::Status grounds = CheckGrounds(profile, options); !grounds.ok()) return grounds;
  const Kind* const kind = Find(name);
  ArtefactInput input(profile, options.enforce);
  input.list = options.list;
  input.neighbours = options.neighbours;
  Rendered rendered = kind->write(input);
  Artefact artefact{"", About(input, *kind, rendered.notes), kind->has_comments};
  if (kind->has_comments)
    for (const std::string& line : artefact.about) absl::StrAppend(&artefact.text, line, "\n");
  artefact.text += rendered.text;
  return artefact;
}

std::string ArtefactKinds() {
  return absl::StrJoin(kKinds, ", ",
                       [](std::string* out, const Kind& kind) { out->append(kind.name); });
}

std::string ArtefactHelp() {
  std::string help = "Kinds of settings for --as:\n";
  for (const Kind& kind : kKinds)
    absl::StrAppendFormat(&help, "  %-27s %s\n", kind.name, kind.purpose);
  return help;
}

std::string FittingKind(const v1::Container& container) {
  if (!container.pod().empty()) return "k8s";
  if (container.workload().starts_with("compose:")) return "compose";
  if (container.kind() == "unit") return "systemd";
  if (container.runtime() == "docker" || container.runtime() == "podman")
    return container.runtime();
  return container.kind() == "container" ? "oci" : "";
}

}  // namespace capmon
