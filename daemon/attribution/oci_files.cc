// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/oci_files.h"

#include <array>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/command_line.h"
#include "daemon/attribution/docker_answer.h"
#include "daemon/attribution/tolerant_json.h"
#include "daemon/attribution/workload.h"
#include "daemon/attribution/workload_identity.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

ContainerDescribed Begin(const std::string& id) {
  ContainerDescribed described;
  described.source = "oci";
  described.container_id = id;
  return described;
}

CapabilitySet SetOf(const Json& capabilities, const char* key) {
  CapabilitySet set;
  for (const std::string& name : TextList(capabilities, {key}))
    if (const auto capability = ParseCapability(name)) set.Add(*capability);
  return set;
}

// `names`: bounding, permitted, effective, inheritable and ambient as the file spells them.
void ReadSets(const Json* capabilities, const std::array<const char*, 5>& names, HeldSets& held) {
  if (capabilities == nullptr) return;
  held.bounding = SetOf(*capabilities, names[0]);
  held.permitted = SetOf(*capabilities, names[1]);
  held.effective = SetOf(*capabilities, names[2]);
  held.inheritable = SetOf(*capabilities, names[3]);
  held.ambient = SetOf(*capabilities, names[4]);
}

bool HasUserNamespace(const Json& json, std::initializer_list<const char*> keys) {
  const Json* list = At(json, keys);
  if (list == nullptr || !list->is_array()) return false;
  for (const Json& entry : *list) {
    const std::string type = Text(entry, {"type"});
    if (type == "user" || type == "NEWUSER") return true;
  }
  return false;
}

// Returns the first annotation that is present.
std::string First(const Json& annotations, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (std::string text = Text(annotations, {name}); !text.empty()) return text;
  return "";
}

// Reads the annotations of containerd and CRI-O for Kubernetes, of nerdctl and of Podman.
void ReadAnnotations(const Json& annotations, ContainerDescribed& described) {
  if (Text(annotations, {"io.container.manager"}) == "libpod") {
    // Podman copies annotations of the image, so the others are not trusted.
    described.runtime = "podman";
    described.privileged = Text(annotations, {"io.podman.annotations.privileged"}) == "TRUE";
    return;
  }
  described.pod = First(annotations, {"io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"});
  described.pod_namespace =
      First(annotations, {"io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"});
  described.pod_uid =
      First(annotations, {"io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid"});
  described.name = First(annotations, {"io.kubernetes.cri.container-name",
                                       "io.kubernetes.container.name", "nerdctl/name"});
  described.image =
      First(annotations, {"io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"});
  described.image_digest = ImageDigest(First(annotations, {"io.kubernetes.cri-o.ImageRef"}));
  const std::string type =
      First(annotations, {"io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"});
  if (type == "sandbox") described.name = "POD";
  if (!Text(annotations, {"io.kubernetes.cri-o.ContainerType"}).empty())
    described.runtime = "cri-o";
  const WorkloadName workload = WorkloadOf(described.pod, {});
  described.workload = workload.name;
  described.workload_inferred = workload.inferred;
}

// Returns a path of the host, which may be longer than other texts; "" if it is too long.
std::string Path(const Json& json, std::initializer_list<const char*> keys) {
  constexpr size_t kMaxPath = 4096;
  const Json* const text = At(json, keys);
  if (text == nullptr || !text->is_string()) return "";
  const std::string path = text->get<std::string>();
  return path.size() < kMaxPath ? path : "";
}

// Returns the path in the watched hierarchy (see HierarchyToWatch), without the writer's mount
// point.
std::string StatedPath(const Json& state) {
  struct Mount {
    const char* controller;
    const char* point;
  };
  static constexpr Mount kMounts[] = {
      {"pids", "/sys/fs/cgroup/pids"},
      {"memory", "/sys/fs/cgroup/memory"},
      {"", "/sys/fs/cgroup/unified"},
      {"", "/sys/fs/cgroup"},
      {"name=systemd", "/sys/fs/cgroup/systemd"},
  };
  for (const Mount& mount : kMounts) {
    const Json* path = At(state, {"cgroup_paths", mount.controller});
    if (path == nullptr || !path->is_string()) continue;
    const std::string whole = path->get<std::string>();
    const std::string point = mount.point;
    if (whole.starts_with(point + "/")) return whole.substr(point.size());
  }
  const Json* path = At(state, {"config", "cgroups", "path"});
  const bool absolute = path != nullptr && path->is_string();
  return absolute ? ExpandCgroupsPath(path->get<std::string>()) : "";
}

// Returns the gated calls that a filter allows with any arguments. With a permissive default, also
// those without a rule.
CallFilter FilterOf(const Json& seccomp) {
  CallFilter filter{true, 0};
  constexpr char kAllow[] = "SCMP_ACT_ALLOW";
  if (Text(seccomp, {"defaultAction"}) == kAllow) filter.allows = ~GatedCallSet{0};
  const Json* const rules = At(seccomp, {"syscalls"});
  if (rules == nullptr || !rules->is_array()) return filter;
  for (const Json& rule : *rules) {
    const bool allows = Text(rule, {"action"}) == kAllow;
    const Json* const arguments = At(rule, {"args"});
    const bool conditional = arguments != nullptr && !arguments->empty();
    for (const std::string& name : TextList(rule, {"names"})) {
      const auto number = GatedCallNumber(name);
      if (!number || (allows && conditional)) continue;
      const GatedCallSet bit = GatedCallSet{1} << *number;
      filter.allows = allows ? filter.allows | bit : filter.allows & ~bit;
    }
  }
  return filter;
}

}  // namespace

std::string ExpandCgroupsPath(const std::string& text) {
  if (text.starts_with("/")) return text;
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  const std::string kSlice = ".slice";
  if (parts.size() != 3 || parts[2].empty()) return "";
  const std::string slice = parts[0].empty() ? "system.slice" : parts[0];
  if (!slice.ends_with(kSlice) || slice.find('/') != slice.npos) return "";
  const std::string name = slice.substr(0, slice.size() - kSlice.size());
  std::string path;
  for (size_t end = name.find('-'); name != "-"; end = name.find('-', end + 1)) {
    absl::StrAppend(&path, "/", name.substr(0, end), kSlice);
    if (end == name.npos) break;
  }
  return absl::StrCat(path, "/", parts[1], parts[1].empty() ? "" : "-", parts[2], ".scope");
}

std::optional<ContainerDescribed> ParseOciConfig(const std::string& json, const std::string& id) {
  const Json config = ParseJson(json);
  const Json* process = At(config, {"process"});
  if (!config.is_object()) return std::nullopt;
  ContainerDescribed described = Begin(id);
  if (const Json* annotations = At(config, {"annotations"}))
    ReadAnnotations(*annotations, described);
  // In systemd's form it may be literal; it is needed only for ids that are not long.
  const Json* path = At(config, {"linux", "cgroupsPath"});
  if (path != nullptr && path->is_string()) {
    const std::string text = path->get<std::string>();
    if (text.starts_with("/") || !IsLongId(id)) described.cgroup_path = ExpandCgroupsPath(text);
  }
  described.root = Path(config, {"root", "path"});
  if (process == nullptr || !process->is_object()) return described;
  const Json* filter = At(config, {"linux", "seccomp"});
  const bool filtered = filter != nullptr && filter->is_object();
  described.filter = filtered ? FilterOf(*filter) : CallFilter{};
  HeldSets& held = described.held.emplace();
  held.source = described.source;
  ReadSets(At(*process, {"capabilities"}),
           {"bounding", "permitted", "effective", "inheritable", "ambient"}, held);
  held.no_new_privs = FlagAt(*process, {"noNewPrivileges"});
  const Json* uid = At(*process, {"user", "uid"});
  if (uid != nullptr && uid->is_number_unsigned()) held.uid = uid->get<uint32_t>();
  held.seccomp_mode = filtered ? 2 : 0;
  held.userns_level = HasUserNamespace(config, {"linux", "namespaces"}) ? 1 : 0;
  const std::vector<std::string> command = TextList(*process, {"args"});
  if (!command.empty()) held.path = described.entrypoint = Bounded(command.front());
  described.command = CommandDigest(command);
  return described;
}

std::optional<ContainerDescribed> ParseRuncState(const std::string& json, const std::string& id) {
  const Json state = ParseJson(json);
  const Json* config = At(state, {"config"});
  if (config == nullptr || Text(state, {"id"}) != id) return std::nullopt;
  ContainerDescribed described = Begin(id);
  Json annotations = Json::object();
  for (const std::string& label : TextList(*config, {"labels"}))
    if (const size_t equals = label.find('='); equals != label.npos)
      annotations[label.substr(0, equals)] = label.substr(equals + 1);
  ReadAnnotations(annotations, described);
  described.cgroup_path = StatedPath(state);
  if (const std::string root = Path(*config, {"rootfs"}); root.starts_with("/"))
    described.root = root;
  HeldSets& held = described.held.emplace();
  held.source = described.source;
  ReadSets(At(*config, {"capabilities"}),
           {"Bounding", "Permitted", "Effective", "Inheritable", "Ambient"}, held);
  held.no_new_privs = FlagAt(*config, {"no_new_privileges"});
  const Json* seccomp = At(*config, {"seccomp"});
  held.seccomp_mode = seccomp != nullptr && seccomp->is_object() ? 2 : 0;
  held.userns_level = HasUserNamespace(*config, {"namespaces"}) ? 1 : 0;
  return described;
}

std::optional<ContainerDescribed> ParseCrunStatus(const std::string& json, const std::string& id) {
  const Json status = ParseJson(json);
  const Json* path = At(status, {"cgroup-path"});
  if (path == nullptr || !path->is_string()) return std::nullopt;
  ContainerDescribed described = Begin(id);
  described.runtime = "crun";
  described.cgroup_path = path->get<std::string>();
  return described;
}

std::vector<ContainerDescribed> ParseStorageContainers(const std::string& json) {
  std::vector<ContainerDescribed> containers;
  const Json list = ParseJson(json);
  if (!list.is_array()) return containers;
  for (const Json& entry : list) {
    const Json* const metadata = At(entry, {"metadata"});
    if (metadata == nullptr || !metadata->is_string()) continue;
    const Json about = ParseJson(metadata->get<std::string>());
    ContainerDescribed described = Begin(Text(entry, {"id"}));
    described.name = Text(about, {"name"});
    const bool of_crio = At(about, {"pod-name"}) != nullptr || At(about, {"pod-id"}) != nullptr;
    if (!IsLongId(described.container_id) || described.name.empty() || of_crio) continue;
    described.runtime = "podman";
    described.image = Text(about, {"image-name"});
    described.image_digest = ImageDigest(Text(about, {"image-id"}));
    containers.push_back(std::move(described));
  }
  return containers;
}

std::optional<ContainerDescribed> ParseDockerConfig(const std::string& json,
                                                    const std::string& id) {
  const Json config = ParseJson(json);
  if (Text(config, {"ID"}) != id) return std::nullopt;
  ContainerDescribed described = Begin(id);
  described.runtime = "docker";
  described.name = Text(config, {"Name"});
  if (described.name.starts_with("/")) described.name.erase(0, 1);
  described.image = Text(config, {"Config", "Image"});
  described.image_digest = ImageDigest(Text(config, {"Image"}));
  described.entrypoint = Text(config, {"Path"});
  described.command = DockerCommand(config);
  described.ended_before = WhenDockerEnded(config);
  ReadDockerLabels(config, {"Config", "Labels"}, described);
  return described;
}

bool ParseDockerHostConfig(const std::string& json) {
  return FlagAt(ParseJson(json), {"Privileged"});
}

}  // namespace capmon
