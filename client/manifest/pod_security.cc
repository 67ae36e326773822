// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/pod_security.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/quoted.h"
#include "client/render/artefact/pod_security.h"

namespace capmon {
namespace {

using Obstacles = std::vector<PodSecurityObstacle>;

bool IsTrue(const YamlValue& value) { return AsBool(value) == true; }

// Volumes that "restricted" admits.
const std::set<std::string> kVolumes = {"configMap", "csi",       "downwardAPI",
                                        "emptyDir",  "ephemeral", "persistentVolumeClaim",
                                        "projected", "secret",    "name"};
const std::set<std::string> kSysctls = {"kernel.shm_rmid_forced",
                                        "net.ipv4.ip_local_port_range",
                                        "net.ipv4.ip_local_reserved_ports",
                                        "net.ipv4.ip_unprivileged_port_start",
                                        "net.ipv4.tcp_syncookies",
                                        "net.ipv4.ping_group_range",
                                        "net.ipv4.tcp_keepalive_time",
                                        "net.ipv4.tcp_fin_timeout",
                                        "net.ipv4.tcp_keepalive_intvl",
                                        "net.ipv4.tcp_keepalive_probes",
                                        "net.ipv4.tcp_rmem",
                                        "net.ipv4.tcp_wmem"};
const std::set<std::string> kSelinuxTypes = {"", "container_t", "container_init_t",
                                             "container_kvm_t", "container_engine_t"};

void AddVolumes(const YamlValue& volumes, Obstacles& obstacles) {
  std::set<std::string> types;
  for (const YamlValue& volume : volumes.items)
    for (const YamlMember& member : volume.members)
      if (!kVolumes.contains(member.key)) types.insert(member.key);
  for (const std::string& type : types)
    obstacles.push_back({type == "hostPath", absl::StrCat("a volume of type ", Quoted(type))});
}

// Of a pod's or a container's securityContext.
void AddContext(const YamlValue& security, Obstacles& obstacles) {
  if (security.At("appArmorProfile").At("type").text == "Unconfined")
    obstacles.push_back({true, "appArmorProfile: Unconfined"});
  if (IsTrue(security.At("windowsOptions").At("hostProcess")))
    obstacles.push_back({true, "hostProcess: true"});
  const YamlValue& selinux = security.At("seLinuxOptions");
  if (!kSelinuxTypes.contains(selinux.At("type").text) || !selinux.At("user").text.empty() ||
      !selinux.At("role").text.empty())
    obstacles.push_back({true, "seLinuxOptions"});
  if (security.At("seccompProfile").At("type").text == "Unconfined")
    obstacles.push_back({true, "seccompProfile: Unconfined"});
}

void AddCapabilities(const ManifestContainer& container, Obstacles& obstacles) {
  for (const Word& word : container.add) {
    // Admission compares names as they are written.
    const auto capability = ParseCapability(word.text);
    const bool exact = capability && ShortCapabilityName(*capability) == word.text;
    if (!exact || !kRestrictedAdds.Has(*capability))
      obstacles.push_back(
          {!exact || !kBaselineAdds.Has(*capability), absl::StrCat("adding ", Quoted(word.text))});
  }
  if (std::ranges::none_of(container.drop, [](const Word& word) { return word.text == "ALL"; }))
    obstacles.push_back({false, "capabilities without drop: [ALL]"});
}

void AddPrivileges(const ManifestContainer& container, Obstacles& obstacles) {
  if (container.privileged.value == true) obstacles.push_back({true, "privileged: true"});
  if (container.escalation.value != false)
    obstacles.push_back({false, "no allowPrivilegeEscalation: false"});
  if (container.non_root.value != true) obstacles.push_back({false, "no runAsNonRoot: true"});
  if (container.user.value == 0) obstacles.push_back({false, "runAsUser: 0"});
}

}  // namespace

std::vector<PodSecurityObstacle> PodObstacles(const YamlValue& spec, const YamlValue& security) {
  Obstacles obstacles;
  for (const char* key : {"hostNetwork", "hostPID", "hostIPC"})
    if (IsTrue(spec.At(key))) obstacles.push_back({true, absl::StrCat(key, ": true")});
  AddVolumes(spec.At("volumes"), obstacles);
  for (const YamlValue& sysctl : security.At("sysctls").items)
    if (!kSysctls.contains(sysctl.At("name").text))
      obstacles.push_back({true, absl::StrCat("the sysctl ", Quoted(sysctl.At("name").text))});
  AddContext(security, obstacles);
  return obstacles;
}

void AddContainerObstacles(const YamlValue& value, const YamlValue& security,
                           const std::string& pod_seccomp, ManifestContainer& container) {
  Obstacles& obstacles = container.obstacles;
  for (const YamlValue& port : value.At("ports").items)
    if (const auto number = AsInteger(port.At("hostPort")); number && *number != 0)
      obstacles.push_back({true, absl::StrCat("hostPort: ", *number)});
  const std::string& mount = security.At("procMount").text;
  if (!mount.empty() && mount != "Default") obstacles.push_back({true, "procMount: Unmasked"});
  AddContext(security, obstacles);
  const std::string& own = security.At("seccompProfile").At("type").text;
  const std::string& seccomp = own.empty() ? pod_seccomp : own;
  if (seccomp.empty()) obstacles.push_back({false, "no seccompProfile"});
}

PodSecurityLevel LevelOf(const ManifestContainer& container) {
  Obstacles obstacles = container.obstacles;
  AddPrivileges(container, obstacles);
  AddCapabilities(container, obstacles);
  const bool below = std::ranges::any_of(obstacles, &PodSecurityObstacle::baseline);
  PodSecurityLevel level;
  level.level = below ? "privileged" : obstacles.empty() ? "restricted" : "baseline";
  for (const PodSecurityObstacle& obstacle : obstacles)
    if (obstacle.baseline || !below) level.above.push_back(obstacle.what);
  return level;
}

}  // namespace capmon
