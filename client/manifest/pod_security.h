// SPDX-License-Identifier: Apache-2.0
// The levels of Pod Security admission, as far as a manifest decides them. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/manifest/manifest.h"

namespace capmon {

std::vector<PodSecurityObstacle> PodObstacles(const YamlValue& spec, const YamlValue& security);
// Adds what `value` (the container) and its securityContext prevent, beside its capabilities, user
// and privileges, which PodSecurityLevel() reads from `container`.
void AddContainerObstacles(const YamlValue& value, const YamlValue& security,
                           const std::string& pod_seccomp, ManifestContainer& container);

struct PodSecurityLevel {
  std::string level;               // "restricted", "baseline", "privileged"
  std::vector<std::string> above;  // what prevents the next stricter level
};
PodSecurityLevel LevelOf(const ManifestContainer& container);

}  // namespace capmon
