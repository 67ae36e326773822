// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/workload.h"

#include <regex>

#include "absl/strings/str_cat.h"
#include "client/render/artefact/names.h"

namespace capmon {
namespace {

struct Form {
  const char* prefix;
  const char* api_version;
  const char* kind;
};

constexpr Form kForms[] = {{"deploy/", "apps/v1", "Deployment"},
                           {"sts/", "apps/v1", "StatefulSet"},
                           {"ds/", "apps/v1", "DaemonSet"},
                           {"job/", "batch/v1", "Job"},
                           {"cronjob/", "batch/v1", "CronJob"}};

// The names its controllers give to pods, with the random letters Kubernetes uses.
bool NameFromPod(const std::string& pod, Workload& workload) {
  static const std::regex kOfReplicaSet(
      "(.+)-[bcdf-hj-np-tv-xz2456789]{7,10}-"
      "[bcdf-hj-np-tv-xz2456789]{5}");
  static const std::regex kOfStatefulSet("(.+)-[0-9]{1,5}");
  constexpr size_t kLongestPod = 253;
  std::smatch parts;
  if (pod.size() > kLongestPod) return false;
  if (std::regex_match(pod, parts, kOfReplicaSet))
    workload.kind = "Deployment";
  else if (std::regex_match(pod, parts, kOfStatefulSet))
    workload.kind = "StatefulSet";
  else
    return false;
  workload.api_version = "apps/v1";
  workload.name = parts[1];
  return true;
}

void SetWorkload(const v1::Container& container, Workload& workload) {
  for (const Form& form : kForms) {
    if (!container.workload().starts_with(form.prefix)) continue;
    workload.api_version = form.api_version;
    workload.kind = form.kind;
    workload.name = container.workload().substr(std::string_view(form.prefix).size());
    return;
  }
  if (NameFromPod(container.pod(), workload)) {
    workload.notes.push_back(
        absl::StrCat(workload.kind, " ", workload.name, " is a guess from the name of the pod"));
    return;
  }
  workload.api_version = container.pod().empty() ? "apps/v1" : "v1";
  workload.kind = container.pod().empty() ? "Deployment" : "Pod";
  workload.name = container.pod().empty() ? container.name() : container.pod();
  if (container.pod().empty())
    workload.notes.push_back("it was not seen in Kubernetes: put your names in place of these");
}

void Reduce(const char* what, std::string& name, std::vector<std::string>& notes) {
  const std::string reduced = DnsLabel(name);
  if (reduced != name)
    notes.push_back(absl::StrCat("\"", name, "\" cannot name a ", what, " and became ", reduced));
  name = reduced;
}

}  // namespace

Workload WorkloadOf(const v1::Container& container) {
  Workload workload;
  SetWorkload(container, workload);
  Reduce("workload", workload.name, workload.notes);
  workload.name_space = container.namespace_();
  if (!workload.name_space.empty()) Reduce("namespace", workload.name_space, workload.notes);
  workload.container = container.name();
  Reduce("container", workload.container, workload.notes);
  return workload;
}

Json Workload::AroundContainer(Json settings) const {
  settings = Json{{"name", container}, {"securityContext", settings}};
  Json spec = {{"containers", Json::array({settings})}};
  if (kind != "Pod") spec = Json{{"template", {{"spec", spec}}}};
  if (kind == "CronJob") spec = Json{{"jobTemplate", {{"spec", spec}}}};
  Json metadata = {{"name", name}};
  if (!name_space.empty()) metadata["namespace"] = name_space;
  return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", metadata}, {"spec", spec}};
}

Json PodLabels(const v1::Container& container, const Workload& workload,
               std::vector<std::string>& notes) {
  Json labels;
  for (const char* key : {"app.kubernetes.io/name", "app.kubernetes.io/instance",
                          "app.kubernetes.io/component", "k8s-app", "app"}) {
    const auto label = container.labels().find(key);
    if (label != container.labels().end() && IsLabelValue(label->second))
      labels[key] = label->second;
  }
  if (labels.empty()) {
    labels["app"] = workload.name;
    notes.push_back(absl::StrCat("the pods' labels were not seen, and app=", workload.name,
                                 " is a guess: a policy that selects nothing checks nothing"));
  }
  return labels;
}

}  // namespace capmon
