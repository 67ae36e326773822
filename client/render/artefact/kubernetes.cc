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
  if (subject.was_privileged) context["privileged"] = false;
  const bool non_root = subject.profile.recommendation().non_root() == "safe";
  if (non_root && subject.starts_unprivileged()) context["runAsNonRoot"] = true;
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
  const Workload workload = WorkloadOf(subject.profile.container());
  Written written{ToYaml(workload.AroundContainer(context)), workload.notes};
  written.notes.push_back(
      "a strategic merge patch; in kustomization.yaml \"patches: [{path: THIS-FILE}]\"");
  if (!workload.unpatchable.empty()) written.notes.push_back(workload.unpatchable);
  written.notes.push_back("where it is an init container, call the list initContainers");
  NoteOnUser(context, subject, written.notes);
  return written;
}

}  // namespace capmon
