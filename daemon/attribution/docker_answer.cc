// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/docker_answer.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>

namespace capmon {
namespace {

using Json = nlohmann::json;

// The value at a path of keys, or null.
const Json* At(const Json& json, std::initializer_list<const char*> keys) {
  const Json* value = &json;
  for (const char* key : keys) {
    const auto found = value->find(key);  // end() unless it is an object
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

// Cut at a character's boundary.
std::string Bounded(std::string text) {
  if (text.size() <= kMaxDescribedBytes) return text;
  size_t end = kMaxDescribedBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

std::string Text(const Json& json, std::initializer_list<const char*> keys) {
  const Json* value = At(json, keys);
  return value != nullptr && value->is_string() ? Bounded(value->get<std::string>()) : "";
}

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

void AddLabels(const Json* labels, ContainerDescribed& described) {
  if (labels == nullptr || !labels->is_object()) return;
  for (const auto& [key, value] : labels->items()) {
    if (described.labels.size() >= kMaxDescribedLabels) break;
    if (value.is_string())
      described.labels.emplace(Bounded(key), Bounded(value.get<std::string>()));
  }
  described.pod = Text(*labels, {"io.kubernetes.pod.name"});
  described.pod_namespace = Text(*labels, {"io.kubernetes.pod.namespace"});
  if (const std::string name = Text(*labels, {"io.kubernetes.container.name"}); !name.empty())
    described.name = name;
  const std::string project = Text(*labels, {"com.docker.compose.project"});
  const std::string service = Text(*labels, {"com.docker.compose.service"});
  if (!project.empty() && !service.empty())
    described.workload = "compose:" + project + "/" + service;
}

ContainerDescribed Begin(const Json& json, TimeNs now) {
  ContainerDescribed described;
  described.time = now;
  described.source = "docker";
  described.container_id = Text(json, {"Id"});
  return described;
}

}  // namespace

std::optional<std::vector<ListedContainer>> ParseContainerList(const std::string& json,
                                                               TimeNs now) {
  const Json list = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return std::nullopt;
  std::vector<ListedContainer> containers;
  for (const Json& entry : list) {
    ListedContainer listed{Begin(entry, now), Text(entry, {"State"}) == "running"};
    if (listed.described.container_id.empty()) continue;
    listed.described.name = ListedName(entry);
    listed.described.image = Text(entry, {"Image"});
    AddLabels(At(entry, {"Labels"}), listed.described);
    containers.push_back(std::move(listed));
  }
  return containers;
}

std::optional<ContainerDescribed> ParseContainer(const std::string& json, TimeNs now) {
  const Json container = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  ContainerDescribed described = Begin(container, now);
  if (described.container_id.empty()) return std::nullopt;
  described.name = WithoutSlash(Text(container, {"Name"}));
  described.image = Text(container, {"Config", "Image"});
  const Json* privileged = At(container, {"HostConfig", "Privileged"});
  described.privileged = privileged != nullptr && *privileged == true;
  AddLabels(At(container, {"Config", "Labels"}), described);
  return described;
}

}  // namespace capmon
