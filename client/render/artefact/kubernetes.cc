// SPDX-License-Identifier: Apache-2.0
// What a container of Kubernetes is given: its securityContext, alone or as a patch.
#include "absl/strings/str_cat.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/workload.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

Json SecurityContext(const Subject& subject) {
  Json context;
  if (subject.no_new_privileges) context["allowPrivilegeEscalation"] = false;
  // Also when it is empty: a patch replaces the list that is there.
  context["capabilities"] = {{"drop", {"ALL"}}, {"add", BareNames(subject.keep)}};
  if (subject.maybe_privileged()) context["privileged"] = false;
  const bool non_root = subject.profile.recommendation().non_root() == "safe";
  if (non_root && subject.starts_unprivileged()) context["runAsNonRoot"] = true;
  // It ran under a filter already. Without this field a pod has none, and is not "restricted".
  if (subject.filtered) context["seccompProfile"] = {{"type", "RuntimeDefault"}};
  return context;
}

void NoteOnUser(const Json& context, const Subject& subject, std::vector<std::string>& notes) {
  if (context.contains("runAsNonRoot"))
    notes.push_back(absl::StrCat(
        "runAsNonRoot wants the image to name its user by number; else add runAsUser: ",
        *subject.uid));
}

}  // namespace

Written KubernetesSecurityContext(const Subject& subject) {
  const Json context = SecurityContext(subject);
  Written written{ToYaml({{"securityContext", context}}),
                  {"its place is beside the image of the container, not in the pod's own"}};
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
        "what is in ephemeralContainers cannot be changed once it is there: give this to kubectl "
        "debug --custom");
  else if (subject.list == kInitContainers)
    written.notes.push_back(
        "it ended before the other containers of its pod began, or --list says so: an init "
        "container");
  else if (workload.seen)
    written.notes.push_back(
        "an init container and a sidecar that is one are in another list: print this with --list "
        "initContainers for them");
  NoteOnUser(context, subject, written.notes);
  return written;
}

}  // namespace capmon
