// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/workload.h"

#include "absl/strings/str_cat.h"
#include "client/render/artefact/names.h"

namespace capmon {
namespace {

struct Form {
  const char* prefix;
  const char* api_version;
  const char* kind;
  const char* unpatchable = "";
};

constexpr Form kForms[] = {
    {"deploy/", "apps/v1", "Deployment"},
    {"sts/", "apps/v1", "StatefulSet"},
    {"ds/", "apps/v1", "DaemonSet"},
    {"cronjob/", "batch/v1", "CronJob"},
    {"job/", "batch/v1", "Job",
     "the pods of an existing Job cannot be changed: put this into the manifest or object that "
     "creates it"},
    {"static/", "v1", "Pod",
     "a static pod comes from a file on its node and cannot be patched: put this into that file"}};
constexpr Form kPod = {
    "", "v1", "Pod",
    "an existing pod cannot be changed: put this into the manifest or object that creates it"};
constexpr Form kElsewhere = {"", "apps/v1", "Deployment"};

const Form& FormOf(const v1::Container& container) {
  for (const Form& form : kForms)
    if (container.workload().starts_with(form.prefix)) return form;
  return container.pod().empty() ? kElsewhere : kPod;
}

void SetWorkload(const v1::Container& container, PodOwner& workload) {
  const Form& form = FormOf(container);
  const std::string_view prefix = form.prefix;
  workload.api_version = form.api_version;
  workload.kind = form.kind;
  workload.unpatchable = form.unpatchable;
  workload.of_node = prefix == "static/";
  workload.seen = !prefix.empty() || !container.pod().empty();
  if (!prefix.empty())
    workload.name = container.workload().substr(prefix.size());
  else
    workload.name = container.pod().empty() ? container.name() : container.pod();
  if (!workload.seen)
    workload.notes.push_back("it was not seen in Kubernetes: replace the names with yours");
  if (container.workload_inferred())
    workload.notes.push_back(absl::StrCat(
        workload.kind, " ", workload.name, " is a guess from ",
        prefix == "compose:" ? "labels that may be the image's" : "the name of the pod"));
}

void Reduce(const char* what, std::string (*reduce)(std::string_view), std::string& name,
            std::vector<std::string>& notes) {
  const std::string reduced = reduce(name);
  if (reduced != name)
    notes.push_back(absl::StrCat("\"", name, "\" cannot name a ", what, " and became ", reduced));
  name = reduced;
}

}  // namespace

PodOwner PodOwnerOf(const v1::Container& container) {
  PodOwner workload;
  SetWorkload(container, workload);
  Reduce("workload", DnsName, workload.name, workload.notes);
  workload.name_space = container.namespace_();
  if (!workload.name_space.empty())
    Reduce("namespace", DnsLabel, workload.name_space, workload.notes);
  workload.container = container.name();
  Reduce("container", DnsLabel, workload.container, workload.notes);
  return workload;
}

Json PodOwner::AroundContainer(Json settings) const {
  settings = Json{{"name", container}, {"securityContext", settings}};
  Json spec = {{list, Json::array({settings})}};
  if (kind != "Pod") spec = Json{{"template", {{"spec", spec}}}};
  if (kind == "CronJob") spec = Json{{"jobTemplate", {{"spec", spec}}}};
  Json metadata = {{"name", name}};
  if (!name_space.empty()) metadata["namespace"] = name_space;
  return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", metadata}, {"spec", spec}};
}

PodSelector SelectorOf(const v1::Container& container, const PodOwner& workload,
                       std::vector<std::string>& notes) {
  constexpr const char* kNames[] = {"app.kubernetes.io/name", "app.kubernetes.io/instance",
                                    "k8s-app", "app", "component"};
  PodSelector selector;
  Json& labels = selector.labels;
  const auto take = [&](const char* key) {
    const auto label = container.labels().find(key);
    if (label != container.labels().end() && IsLabelValue(label->second))
      labels[key] = label->second;
  };
  for (const char* key : kNames) take(key);
  if (labels.empty() && workload.kind == "Job") {
    labels[kJobLabel] = workload.name;
    return selector;
  }
  if (labels.empty() && workload.kind == "CronJob") {
    selector.job_prefix = workload.name + "-";
    return selector;
  }
  if (labels.empty()) {
    const std::string guess = DnsLabel(workload.name);
    labels["app"] = guess;
    notes.push_back(absl::StrCat(
        container.labels().empty() ? "the pods' labels were not seen"
                                   : "none of the labels seen names the workload",
        ", and app=", guess, " is a guess: a policy that selects no pod checks nothing"));
  }
  take("app.kubernetes.io/component");  // a part of an application; does not name one
  return selector;
}

}  // namespace capmon
