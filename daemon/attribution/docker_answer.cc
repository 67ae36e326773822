// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/docker_answer.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/attribution/command_line.h"
#include "daemon/attribution/tolerant_json.h"
#include "daemon/attribution/workload.h"
#include "daemon/attribution/workload_identity.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

std::string WithoutSlash(std::string name) { return name.starts_with("/") ? name.substr(1) : name; }

// Chooses "/web" from "/web" and "/other/alias".
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

// An image has labels of its own, chosen by its author, but the name comes from the program that
// starts the container. Kubernetes' is k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT.
void ReadPod(const Json& labels, ContainerDescribed& described) {
  const std::string container = Text(labels, {"io.kubernetes.container.name"});
  const std::string pod = Text(labels, {"io.kubernetes.pod.name"});
  const std::string pod_namespace = Text(labels, {"io.kubernetes.pod.namespace"});
  const std::string uid = Text(labels, {"io.kubernetes.pod.uid"});
  const bool sandbox = Text(labels, {"io.kubernetes.docker.type"}) == "podsandbox";
  const std::string named = absl::StrCat("k8s_", sandbox ? "POD" : container, "_", pod, "_",
                                         pod_namespace, "_", uid, "_");
  if (pod.empty() || uid.empty() || !described.name.starts_with(named)) return;
  described.name = sandbox ? "POD" : container;
  described.pod = pod;
  described.pod_namespace = pod_namespace;
  described.pod_uid = uid;
  const WorkloadName workload = WorkloadOf(pod, {});
  described.workload = workload.name;
  described.workload_inferred = workload.inferred;
}

// Matches "1", or "run-0f3a9c21e7b4" of `docker compose run`.
bool IsInstance(const std::string& text) {
  const bool run = text.starts_with("run-") || text.starts_with("run_");
  const std::string number = run ? text.substr(4) : text;
  const char* const letters = run ? "0123456789abcdef" : "0123456789";
  return !number.empty() && number.find_first_not_of(letters) == number.npos;
}

// Matches PROJECT-SERVICE-N, or PROJECT_SERVICE_N of older versions. With another name the user may
// have chosen it (container_name), or the labels may be the image's: the service is then inferred.
void ReadCompose(const Json& labels, ContainerDescribed& described) {
  const std::string project = Text(labels, {"com.docker.compose.project"});
  const std::string service = Text(labels, {"com.docker.compose.service"});
  if (project.empty() || service.empty() || !described.pod.empty()) return;
  described.workload = absl::StrCat("compose:", project, "/", service);
  described.workload_inferred = true;
  for (const char* dash : {"-", "_"}) {
    const std::string start = absl::StrCat(project, dash, service, dash);
    if (described.name.starts_with(start) && IsInstance(described.name.substr(start.size())))
      described.workload_inferred = false;
  }
}

}  // namespace

void ReadDockerLabels(const Json& json, std::initializer_list<const char*> keys,
                      ContainerDescribed& described) {
  const Json* const labels = At(json, keys);
  if (labels == nullptr) return;
  described.labels = Texts(json, keys);
  ReadPod(*labels, described);
  ReadCompose(*labels, described);
}

std::string DockerCommand(const Json& container) {
  const Json* const path = At(container, {"Path"});
  if (path == nullptr || !path->is_string()) return "";
  std::vector<std::string> command = TextList(container, {"Args"});
  command.insert(command.begin(), path->get<std::string>());
  return CommandDigest(command);
}

TimeNs WhenDockerEnded(const Json& container) {
  absl::Time ended;
  if (!absl::ParseTime(absl::RFC3339_full, Text(container, {"State", "FinishedAt"}), &ended,
                       nullptr))
    return 0;
  return std::max<TimeNs>(absl::ToUnixNanos(ended), 0);  // the year 1: it never did
}

namespace {

constexpr const char* kComposeLabels[] = {"com.docker.compose.project",
                                          "com.docker.compose.service"};

bool IsInferredService(const ContainerDescribed& described) {
  return described.workload_inferred && described.workload.starts_with("compose:");
}

}  // namespace

bool WantsImageLabels(const ContainerDescribed& described) {
  return !described.image_digest.empty() &&
         (described.labels.contains(kWorkloadLabel) || IsInferredService(described));
}

void BelieveLabels(const std::string& image, ContainerDescribed& described) {
  const Json json = ParseJson(image);
  if (!json.is_object() || At(json, {"Id"}) == nullptr) return;
  const auto is_its_own = [&](const char* name) {
    const auto found = described.labels.find(name);
    return found != described.labels.end() &&
           Text(json, {"Config", "Labels", name}) != found->second;
  };
  if (is_its_own(kWorkloadLabel)) described.workload_label = described.labels.at(kWorkloadLabel);
  if (IsInferredService(described) && std::ranges::all_of(kComposeLabels, is_its_own))
    described.workload_inferred = false;
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
    listed.described.image_digest = ImageDigest(Text(entry, {"ImageID"}));
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
  described.image_digest = ImageDigest(Text(container, {"Image"}));
  described.entrypoint = Text(container, {"Path"});
  described.command = DockerCommand(container);
  described.ended_before = WhenDockerEnded(container);
  described.privileged = FlagAt(container, {"HostConfig", "Privileged"});
  ReadDockerLabels(container, {"Config", "Labels"}, described);
  return described;
}

std::string ParseEvent(const std::string& json) { return Text(ParseJson(json), {"id"}); }

}  // namespace capmon
