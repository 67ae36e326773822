// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/docker_answer.h"

#include <initializer_list>

#include "daemon/attribution/tolerant_json.h"
#include "daemon/attribution/workload.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

std::string WithoutSlash(std::string name) { return name.starts_with("/") ? name.substr(1) : name; }

// "/web" among "/web" and "/other/alias".
std::string ListedName(const Json& entry) {
  const Json* names = At(entry, {"Names"});
  if (names == nullptr || !names->is_array()) return "";
  for (const Json& name : *names) {
    if (!name.is_string()) continue;
    std::string text = WithoutSlash(Bounded(name.get<std::string>()));
    if (text.find('/') == text.npos) return text;
  }
  return "";
}

}  // namespace

void ReadDockerLabels(const Json& json, std::initializer_list<const char*> keys,
                      ContainerDescribed& described) {
  const auto label = [&](const char* name) {
    const Json* labels = At(json, keys);
    return labels == nullptr ? "" : Text(*labels, {name});
  };
  described.labels = Texts(json, keys);
  described.pod = label("io.kubernetes.pod.name");
  described.pod_namespace = label("io.kubernetes.pod.namespace");
  described.pod_uid = label("io.kubernetes.pod.uid");
  if (const std::string name = label("io.kubernetes.container.name"); !name.empty())
    described.name = name;
  const std::string project = label("com.docker.compose.project");
  const std::string service = label("com.docker.compose.service");
  if (!project.empty() && !service.empty())
    described.workload = "compose:" + project + "/" + service;
  if (label("io.kubernetes.docker.type") == "podsandbox") described.name = "POD";
  if (described.pod.empty()) return;
  const WorkloadName workload = WorkloadOf(described.pod, {});
  described.workload = workload.name;
  described.workload_inferred = workload.inferred;
}

namespace {

ContainerDescribed Begin(const Json& json, TimeNs now) {
  ContainerDescribed described;
  described.time = now;
  described.source = "docker";
  described.runtime = "docker";
  described.container_id = Text(json, {"Id"});
  return described;
}

}  // namespace

std::optional<std::vector<ListedContainer>> ParseContainerList(const std::string& json,
                                                               TimeNs now) {
  const Json list = ParseJson(json);
  if (!list.is_array()) return std::nullopt;
  std::vector<ListedContainer> containers;
  for (const Json& entry : list) {
    ListedContainer listed{Begin(entry, now), Text(entry, {"State"}) == "running"};
    if (listed.described.container_id.empty()) continue;
    listed.described.name = ListedName(entry);
    listed.described.image = Text(entry, {"Image"});
    ReadDockerLabels(entry, {"Labels"}, listed.described);
    containers.push_back(std::move(listed));
  }
  return containers;
}

std::optional<ContainerDescribed> ParseContainer(const std::string& json, TimeNs now) {
  const Json container = ParseJson(json);
  ContainerDescribed described = Begin(container, now);
  if (described.container_id.empty()) return std::nullopt;
  described.name = WithoutSlash(Text(container, {"Name"}));
  described.image = Text(container, {"Config", "Image"});
  described.privileged = FlagAt(container, {"HostConfig", "Privileged"});
  ReadDockerLabels(container, {"Config", "Labels"}, described);
  return described;
}

std::string ParseEvent(const std::string& json) { return Text(ParseJson(json), {"id"}); }

}  // namespace capmon
