// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cri_answer.h"

#include "daemon/attribution/oci_files.h"
#include "daemon/attribution/workload.h"
#include "daemon/attribution/workload_identity.h"

namespace capmon {

ContainerDescribed DescribePod(const Pod& pod) {
  ContainerDescribed described;
  described.source = "cri";
  described.pod = Bounded(pod.name);
  described.pod_namespace = Bounded(pod.name_space);
  described.pod_uid = Bounded(pod.uid);
  for (const auto& [name, value] : pod.labels)
    if (described.labels.size() < kMaxDescribedLabels)
      described.labels.emplace(Bounded(name), Bounded(value));
  std::map<std::string, std::string> told = described.labels;
  told.insert(pod.annotations.begin(), pod.annotations.end());
  const WorkloadName workload = WorkloadOf(described.pod, told);
  described.workload = workload.name;
  described.workload_inferred = workload.inferred;
  if (const auto label = told.find(kWorkloadLabel); label != told.end())
    described.workload_label = Bounded(label->second);
  return described;
}

std::string CriImage(const std::string& user_specified, const std::string& image) {
  if (!user_specified.empty()) return Bounded(user_specified);
  const bool digest =
      image.starts_with("sha256:") || image.find_first_not_of("0123456789abcdef") == image.npos;
  return digest ? "" : Bounded(image);
}

void AddCriInfo(const std::string& json, ContainerDescribed& described) {
  const nlohmann::json info = ParseJson(json);
  described.privileged = FlagAt(info, {"config", "linux", "security_context", "privileged"}) ||
                         FlagAt(info, {"privileged"});
  const nlohmann::json* spec = At(info, {"runtimeSpec"});
  if (spec == nullptr) return;
  const auto config = ParseOciConfig(
      spec->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), described.container_id);
  if (!config) return;
  described.held = config->held;
  if (described.held) described.held->source = described.source;
  described.cgroup_path = config->cgroup_path;
  described.entrypoint = config->entrypoint;
  described.command = config->command;
}

}  // namespace capmon
