// SPDX-License-Identifier: Apache-2.0
#include "client/render/report/settings.h"

#include "client/render/artefact/artefact.h"

namespace capmon {

std::vector<ReadySettings> SettingsFor(const v1::Profile& profile) {
  std::vector<ReadySettings> all;
  const auto add = [&](const char* title, const char* kind) {
    const auto artefact = RenderArtefact(profile, kind);
    if (artefact.ok()) all.push_back({title, artefact->text});
  };
  const std::string& kind = profile.container().kind();
  if (kind == "unit") add("systemd", "systemd");
  if (kind == "container") {
    add("Docker", "docker");
    add("Kubernetes", "k8s");
  }
  return all;
}

}  // namespace capmon
