// SPDX-License-Identifier: Apache-2.0
// Pod Security admission: the strictest level that a pod with the recommended settings meets, as
// far as capabilities and related settings decide it.
#include "client/render/artefact/pod_security.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/workload.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

constexpr char kNoLevel[] = "privileged";

// Returns what prevents the level, as words; nothing if it is met.
std::vector<std::string> ObstaclesTo(const ArtefactInput& input, CapabilitySet admitted) {
  std::vector<std::string> obstacles = BareNames(input.keep - admitted);
  if (admitted == kBaselineAdds) return obstacles;
  const v1::Recommendation& advice = input.profile.recommendation();
  if (!input.no_new_privileges)
    obstacles.push_back(
        absl::StrCat("allowPrivilegeEscalation: false (", advice.no_new_privileges_reason(), ")"));
  if (advice.non_root() != "safe" || !input.starts_unprivileged())
    obstacles.push_back(absl::StrCat("runAsNonRoot: true (", advice.non_root_reason(), ")"));
  if (!input.filtered)
    obstacles.push_back(
        "seccompProfile: RuntimeDefault (it did not run under a filter, so it is not known whether "
        "it works under one)");
  return obstacles;
}

struct Level {
  const char* name;
  CapabilitySet admitted;
};
constexpr Level kLevels[] = {{"restricted", kRestrictedAdds}, {"baseline", kBaselineAdds}};
constexpr size_t kNone = std::size(kLevels);

// Returns the first level that one container meets; notes what prevents the stricter ones.
size_t LevelOf(const ArtefactInput& input, const std::string& prefix,
               std::vector<std::string>& notes) {
  for (size_t level = 0; level < kNone; ++level) {
    const std::vector<std::string> obstacles = ObstaclesTo(input, kLevels[level].admitted);
    if (obstacles.empty()) return level;
    notes.push_back(absl::StrCat(prefix, "the level ", kLevels[level].name, " is prevented by ",
                                 absl::StrJoin(obstacles, ", ")));
  }
  return kNone;
}

// The labels apply to a namespace, so the container that needs most decides.
size_t LevelOfAll(const ArtefactInput& input, std::vector<std::string>& notes) {
  size_t level = LevelOf(input, "", notes);
  for (const v1::Profile& neighbour : input.neighbours) {
    std::vector<std::string> reasons;
    const std::string name = DisplayName(neighbour.container());
    const size_t its = LevelOf(ArtefactInput(neighbour), absl::StrCat(name, ": "), reasons);
    if (its > level) notes.insert(notes.end(), reasons.begin(), reasons.end());
    level = std::max(level, its);
  }
  return level;
}

std::string WhatWasExamined(const ArtefactInput& input, const std::string& level) {
  if (input.neighbours.empty())
    return absl::StrCat(
        "only this container was examined; it meets the level ", level,
        " with the settings of --as k8s; the labels apply to every pod of the namespace");
  return absl::StrCat("all ", input.neighbours.size() + 1,
                      " containers of the namespace that capmon knows on this machine meet the "
                      "level ",
                      level, " with the settings of --as k8s; other machines were not examined");
}

}  // namespace

Rendered PodSecurityLabels(const ArtefactInput& input) {
  const PodOwner workload = PodOwnerOf(input.profile.container());
  Rendered rendered;
  const size_t met = LevelOfAll(input, rendered.notes);
  const std::string level = met == kNone ? kNoLevel : kLevels[met].name;
  Json labels;
  if (input.enforce) labels["pod-security.kubernetes.io/enforce"] = level;
  labels["pod-security.kubernetes.io/audit"] = level;
  labels["pod-security.kubernetes.io/warn"] = level;
  const std::string name_space =
      workload.name_space.empty() ? "your-namespace" : workload.name_space;
  rendered.notes.insert(rendered.notes.begin(), WhatWasExamined(input, level));
  rendered.notes.push_back(
      "the levels also check other settings, such as volumes and the host's namespaces");
  if (met == kNone)
    rendered.notes.push_back(
        "this level denies nothing: if the namespace has a stricter one, these labels remove it");
  if (workload.name_space.empty())
    rendered.notes.push_back("it was not seen in a namespace: replace your-namespace with yours");
  rendered.notes.push_back(
      absl::StrCat("apply with kubectl patch namespace ", name_space,
                   " --patch-file THIS-FILE; kubectl apply could remove other labels"));
  rendered.text = ToYaml({{"apiVersion", "v1"},
                          {"kind", "Namespace"},
                          {"metadata", {{"name", name_space}, {"labels", labels}}}});
  return rendered;
}

}  // namespace capmon
