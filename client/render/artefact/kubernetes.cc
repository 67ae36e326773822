// SPDX-License-Identifier: Apache-2.0
// The securityContext of a container in Kubernetes, alone or as a patch.
#include "absl/strings/str_cat.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/workload.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

Json SecurityContext(const Subject& subject) {
  Json context;
  if (subject.no_new_privileges) context["allowPrivilegeEscalation"] = false;
  // Written even if it is empty: a patch replaces the present list.
  context["capabilities"] = {{"drop", {"ALL"}}, {"add", BareNames(subject.keep)}};
  if (subject.maybe_privileged()) context["privileged"] = false;
  const bool non_root = subject.profile.recommendation().non_root() == "safe";
  if (non_root && subject.starts_unprivileged()) context["runAsNonRoot"] = true;
  // It ran under a filter. Without this field a pod has none and is not "restricted".
  if (subject.filtered) context["seccompProfile"] = {{"type", "RuntimeDefault"}};
  return context;
}

void NoteOnUser(const Json& context, const Subject& subject, std::vector<std::string>& notes) {
  if (context.contains("runAsNonRoot"))
    notes.push_back(
        absl::StrCat("runAsNonRoot works only if the image gives its user as a number; otherwise "
                     "add runAsUser: ",
                     *subject.uid));
}

}  // namespace

Written KubernetesSecurityContext(const Subject& subject) {
  const Json context = SecurityContext(subject);
  Written written{
      ToYaml({{"securityContext", context}}),
      {"put this beside the container's image, not into the securityContext of the pod"}};
  NoteOnUser(context, subject, written.notes);
  return written;
}

Written KubernetesPatch(const Subject& subject) {
  const Json context = SecurityContext(subject);
  Workload workload = WorkloadOf(subject.profile.container());
  workload.list = subject.list;
  Written written{ToYaml(workload.AroundContainer(context)), workload.notes};
  written.notes.push_back(
      "a strategic merge patch; in kustomization.yaml \"patches: [{path: THIS-FILE}]\"");
  if (!workload.unpatchable.empty()) written.notes.push_back(workload.unpatchable);
  if (subject.list == kEphemeralContainers)
    written.notes.push_back(
        "an ephemeral container cannot be changed: pass this to kubectl debug --custom");
  else if (subject.list == kInitContainers)
    written.notes.push_back(
        "treated as an init container, because it ended before other containers of its pod "
        "started, "
        "or because of --list");
  else if (workload.seen)
    written.notes.push_back(
        "init containers, including sidecars, are in another list: for them, print this with "
        "--list initContainers");
  NoteOnUser(context, subject, written.notes);
  return written;
}

}  // namespace capmon
