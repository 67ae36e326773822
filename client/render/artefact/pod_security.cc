// SPDX-License-Identifier: Apache-2.0
// Pod Security admission: the level a pod with the recommended settings meets, as far as
// capabilities and what goes with them decide it.
#include <linux/capability.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/workload.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

constexpr char kNoLevel[] = "privileged";

// What the levels let a container add.
constexpr CapabilitySet kRestricted = {CAP_NET_BIND_SERVICE};
constexpr CapabilitySet kBaseline = {
    CAP_AUDIT_WRITE, CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID,
    CAP_KILL,        CAP_MKNOD,  CAP_SETFCAP,      CAP_SETGID, CAP_NET_BIND_SERVICE,
    CAP_SETPCAP,     CAP_SETUID, CAP_SYS_CHROOT};

// What the level refuses, as words; nothing if it is met.
std::vector<std::string> InTheWay(const Subject& subject, CapabilitySet admitted) {
  std::vector<std::string> obstacles = BareNames(subject.keep - admitted);
  if (admitted == kBaseline) return obstacles;
  const v1::Recommendation& advice = subject.profile.recommendation();
  if (!subject.no_new_privileges)
    obstacles.push_back(
        absl::StrCat("allowPrivilegeEscalation: false (", advice.no_new_privileges_reason(), ")"));
  if (advice.non_root() != "safe")
    obstacles.push_back(absl::StrCat("runAsNonRoot: true (", advice.non_root_reason(), ")"));
  return obstacles;
}

}  // namespace

Written PodSecurityLabels(const Subject& subject) {
  const Workload workload = WorkloadOf(subject.profile.container());
  Written written;
  std::string level = kNoLevel;
  for (const auto& [name, admitted] :
       {std::pair{"restricted", kRestricted}, {"baseline", kBaseline}}) {
    const std::vector<std::string> obstacles = InTheWay(subject, admitted);
    if (obstacles.empty()) {
      level = name;
      break;
    }
    written.notes.push_back(
        absl::StrCat("in the way of ", name, ": ", absl::StrJoin(obstacles, ", ")));
  }
  Json labels;
  if (subject.enforce) labels["pod-security.kubernetes.io/enforce"] = level;
  labels["pod-security.kubernetes.io/audit"] = level;
  labels["pod-security.kubernetes.io/warn"] = level;
  const std::string name_space =
      workload.name_space.empty() ? "your-namespace" : workload.name_space;
  written.notes.insert(
      written.notes.begin(),
      absl::StrCat("its capabilities, once set as --as k8s says, meet the level ", level));
  written.notes.push_back(
      "the labels hold for every pod of the namespace, and the levels look at more than "
      "capabilities, such as volumes and seccomp");
  if (level == kNoLevel)
    written.notes.push_back(
        "that level refuses nothing: where the namespace has a stricter one, these labels lift it");
  if (workload.name_space.empty())
    written.notes.push_back("it was not seen in a namespace: put yours in place of your-namespace");
  written.notes.push_back(absl::StrCat("to be put in by kubectl patch namespace ", name_space,
                                       " --patch-file THIS-FILE: by kubectl apply it could lose "
                                       "other labels"));
  written.text = ToYaml({{"apiVersion", "v1"},
                         {"kind", "Namespace"},
                         {"metadata", {{"name", name_space}, {"labels", labels}}}});
  return written;
}

}  // namespace capmon
