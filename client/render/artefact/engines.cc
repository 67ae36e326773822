// SPDX-License-Identifier: Apache-2.0
// Settings of container engines: flags, and Compose.
#include "absl/strings/str_cat.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/names.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

Rendered Flags(const ArtefactInput& input) {
  std::string flags = "--cap-drop=ALL";
  for (const std::string& name : BareNames(input.keep))
    absl::StrAppend(&flags, " --cap-add=", name);
  if (input.no_new_privileges) flags += " --security-opt=no-new-privileges";
  Rendered rendered{flags + "\n"};
  if (input.maybe_privileged())
    rendered.notes.push_back("these flags have no effect with --privileged; remove it");
  return rendered;
}

// Returns SERVICE of "compose:PROJECT/SERVICE"; "" if Compose did not start the container.
std::string SeenService(const v1::Container& container) {
  const std::string& workload = container.workload();
  const size_t slash = workload.find('/');
  const bool known = workload.starts_with("compose:") && slash != workload.npos;
  return known ? workload.substr(slash + 1) : "";
}

}  // namespace

Rendered DockerFlags(const ArtefactInput& input) { return Flags(input); }
Rendered PodmanFlags(const ArtefactInput& input) { return Flags(input); }

Rendered ComposeOverride(const ArtefactInput& input) {
  Json service;
  if (input.maybe_privileged()) service["privileged"] = false;
  service["cap_drop"] = {"ALL"};
  if (!input.keep.empty()) service["cap_add"] = BareNames(input.keep);
  if (input.no_new_privileges) service["security_opt"] = {"no-new-privileges:true"};
  const std::string seen = SeenService(input.profile.container());
  const std::string name = ServiceName(seen.empty() ? input.profile.container().name() : seen);
  Rendered rendered{ToYaml({{"services", {{name, service}}}})};
  rendered.notes.push_back(
      "Compose merges lists: remove any cap_add from the file that this one overrides");
  if (seen.empty())
    rendered.notes.push_back(
        absl::StrCat("Compose did not start it: replace ", name, " with the name of your service"));
  else if (name != seen)
    rendered.notes.push_back(absl::StrCat("the service was seen as \"", seen, "\""));
  return rendered;
}

}  // namespace capmon
