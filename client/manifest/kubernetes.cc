// SPDX-License-Identifier: Apache-2.0
// Kubernetes: pods, and what makes pods.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/manifest/fields.h"
#include "client/manifest/manifest.h"
#include "client/manifest/pod_security.h"
#include "daemon/model/workload.h"

namespace capmon {
namespace {

using Path = std::vector<const char*>;

struct Form {
  const char* kind;
  const char* controller;  // as in the names of workloads
  Path to_pod;             // the object with the pod's spec
};

const Form kForms[] = {
    {"Pod", "pod", {}},
    {"Deployment", "deploy", {"spec", "template"}},
    {"StatefulSet", "sts", {"spec", "template"}},
    {"DaemonSet", "ds", {"spec", "template"}},
    {"ReplicaSet", "rs", {"spec", "template"}},
    {"ReplicationController", "rc", {"spec", "template"}},
    {"Job", "job", {"spec", "template"}},
    {"CronJob", "cronjob", {"spec", "jobTemplate", "spec", "template"}},
    {"PodTemplate", "podtemplate", {"template"}},
};
constexpr const char* kLists[] = {"initContainers", "containers", "ephemeralContainers"};

// What holds for every container of a pod.
struct Pod {
  ManifestContainer common;  // without what is the container's own
  std::string seccomp;       // the type of the pod's profile
  std::vector<PodSecurityObstacle> obstacles;
};

void ReadCapabilities(Fields& context, ManifestContainer& container) {
  const TextPlace place = context.PlaceOf("capabilities");
  Fields capabilities(context.Map("capabilities"), place, container.findings);
  capabilities.Words("add", container.add, container.adds);
  capabilities.Words("drop", container.drop, container.drops);
}

ManifestContainer ReadContainer(const YamlValue& value, const char* list, const Pod& pod) {
  ManifestContainer container = pod.common;
  container.list = list;
  const YamlMember* const name = value.Find("name");
  container.place = name == nullptr ? value.place : name->place;
  Fields fields(value, container.place, container.findings);
  container.name = fields.Text("name");
  container.image = fields.Text("image");
  const YamlValue& security = fields.Map("securityContext");
  const TextPlace place = security.is_map() ? fields.PlaceOf("securityContext") : container.place;
  Fields context(security, place, container.findings);
  ReadCapabilities(context, container);
  context.Flag("privileged", container.privileged);
  context.Flag("allowPrivilegeEscalation", container.escalation);
  context.Flag("runAsNonRoot", container.non_root);
  context.Number("runAsUser", container.user);
  AddContainerObstacles(value, security, pod.seccomp, container);
  return container;
}

// A mistake that goes unnoticed: the pod's securityContext has no such fields, and an API server
// that does not validate strictly drops them.
void FindMisplaced(const YamlValue& security, Manifest& manifest) {
  for (const char* key : {"capabilities", "privileged", "allowPrivilegeEscalation"})
    if (const YamlMember* const member = security.Find(key))
      manifest.findings.push_back(
          {Rule::kMisplaced, FindingLevel::kError, member->place,
           absl::StrCat("the securityContext of a pod has no ", key,
                        "; it belongs into the securityContext of each container")});
}

void ReadPodSpec(const YamlValue& spec, Pod& pod, Manifest& manifest) {
  Fields fields(spec, spec.place, manifest.findings);
  const YamlValue& security = fields.Map("securityContext");
  FindMisplaced(security, manifest);
  Fields context(security, fields.PlaceOf("securityContext"), manifest.findings);
  context.Flag("runAsNonRoot", pod.common.non_root);
  context.Number("runAsUser", pod.common.user);
  pod.seccomp =
      Fields(context.Map("seccompProfile"), security.place, manifest.findings).Text("type");
  pod.common.obstacles = PodObstacles(spec, security);
  for (const char* list : kLists)
    for (const YamlValue& item : fields.List(list).items) {
      if (item.is_map())
        manifest.containers.push_back(ReadContainer(item, list, pod));
      else
        manifest.findings.push_back({Rule::kMalformed, FindingLevel::kError, item.place,
                                     absl::StrCat(list, " takes a list of containers")});
    }
}

void ReadObject(const Form& form, const YamlValue& object, Manifest& manifest) {
  Pod pod;
  Fields metadata(Fields(object, object.place, manifest.findings).Map("metadata"), object.place,
                  manifest.findings);
  pod.common.controller = form.controller;
  pod.common.owner = metadata.Text("name");
  if (pod.common.owner.empty()) pod.common.owner = metadata.Text("generateName");
  pod.common.name_space = metadata.Text("namespace");
  const YamlValue* at = &object;
  for (const char* key : form.to_pod) at = &Fields(*at, at->place, manifest.findings).Map(key);
  Fields pod_object(*at, object.place, manifest.findings);
  const YamlValue& labels =
      Fields(pod_object.Map("metadata"), at->place, manifest.findings).Map("labels");
  pod.common.label = Fields(labels, labels.place, manifest.findings).Text(kWorkloadLabel);
  const YamlValue& spec = pod_object.Map("spec");
  if (spec.is_map()) ReadPodSpec(spec, pod, manifest);
}

}  // namespace

bool ReadKubernetes(const YamlValue& document, Manifest& manifest) {
  const YamlValue& kind = document.At("kind");
  if (!kind.is_text() || !document.At("apiVersion").is_text()) return false;
  if (kind.text.ends_with("List") && document.At("items").is_list()) {
    for (const YamlValue& item : document.At("items").items) ReadKubernetes(item, manifest);
    return true;
  }
  const auto form =
      std::ranges::find_if(kForms, [&](const Form& one) { return kind.text == one.kind; });
  if (form != std::end(kForms)) ReadObject(*form, document, manifest);
  return true;
}

}  // namespace capmon
