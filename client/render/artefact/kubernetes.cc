// SPDX-License-Identifier: Apache-2.0
// The securityContext of a container in Kubernetes, alone or as a patch.
#include "absl/strings/str_cat.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/workload.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

Json SecurityContext(const ArtefactInput& input) {
  Json context;
  if (input.no_new_privileges) context["allowPrivilegeEscalation"] = false;
  // Written even if it is empty: a patch replaces the present list.
  context["capabilities"] = {{"drop", {"ALL"}}, {"add", BareNames(input.keep)}};
  if (input.maybe_privileged()) context["privileged"] = false;
  const bool non_root = input.profile.recommendation().non_root() == "safe";
  if (non_root && input.starts_unprivileged()) context["runAsNonRoot"] = true;
  // It ran under a filter. Without this field a pod has none and is not "restricted".
  if (input.filtered) context["seccompProfile"] = {{"type", "RuntimeDefault"}};
  return context;
}

void NoteOnUser(const Json& context, const ArtefactInput& input, std::vector<std::string>& notes) {
  if (context.contains("runAsNonRoot"))
    notes.push_back(
        absl::StrCat("runAsNonRoot works only if the image gives its user as a number; otherwise "
                     "add runAsUser: ",
                     *input.uid));
}

}  // namespace

Rendered KubernetesSecurityContext(const ArtefactInput& input) {
  const Json context = SecurityContext(input);
  Rendered rendered{
      ToYaml({{"securityContext", context}}),
      {"put this beside the container's image, not into the securityContext of the pod"}};
  NoteOnUser(context, input, rendered.notes);
  return rendered;
}

Rendered KubernetesPatch(const ArtefactInput& input) {
  const Json context = SecurityContext(input);
  PodOwner workload = PodOwnerOf(input.profile.container());
  workload.list = input.list;
  Rendered rendered{ToYaml(workload.AroundContainer(context)), workload.notes};
  rendered.notes.push_back(
      "a strategic merge patch; in kustomization.yaml \"patches: [{path: THIS-FILE}]\"");
  if (!workload.unpatchable.empty()) rendered.notes.push_back(workload.unpatchable);
  if (input.list == kEphemeralContainers)
    rendered.notes.push_back(
        "an ephemeral container cannot be changed: pass this to kubectl debug --custom");
  else if (input.list == kInitContainers)
    rendered.notes.push_back(
        "treated as an init container, because it ended before other containers of its pod "
        "started, "
        "or because of --list");
  else if (workload.seen)
    rendered.notes.push_back(
        "init containers, including sidecars, are in another list: for them, print this with "
        "--list initContainers");
  NoteOnUser(context, input, rendered.notes);
  return rendered;
}

}  // namespace capmon
