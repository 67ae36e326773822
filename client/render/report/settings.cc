// SPDX-License-Identifier: Apache-2.0
#include "client/render/report/settings.h"

#include <algorithm>

#include "client/render/artefact/artefact.h"

namespace capmon {
namespace {

std::string TitleOf(const std::string& kind) {
  if (kind == "docker") return "Docker";
  if (kind == "podman") return "Podman";
  if (kind == "compose") return "Compose";
  if (kind == "k8s") return "Kubernetes";
  return kind;
}

std::vector<std::string> KindsFor(const v1::Container& container) {
  if (container.kind() == "unit") return {"systemd"};
  if (container.kind() != "container") return {};
  // Where it is only known that it is a container, flags are of more use than a config.json.
  std::vector<std::string> kinds;
  if (const std::string fitting = FittingKind(container); fitting != "oci")
    kinds.push_back(fitting);
  for (const char* const other : {"docker", "k8s"})
    if (std::ranges::find(kinds, other) == kinds.end()) kinds.push_back(other);
  return kinds;
}

}  // namespace

std::vector<ReadySettings> SettingsFor(const v1::Profile& profile) {
  std::vector<ReadySettings> all;
  for (const std::string& kind : KindsFor(profile.container())) {
    const auto artefact = RenderArtefact(profile, kind);
    if (artefact.ok()) all.push_back({kind, TitleOf(kind), artefact->text});
  }
  return all;
}

}  // namespace capmon
