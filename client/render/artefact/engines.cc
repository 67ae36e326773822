// SPDX-License-Identifier: Apache-2.0
// Settings of container engines: flags, and Compose.
#include "absl/strings/str_cat.h"
#include "client/render/artefact/kinds.h"
#include "client/render/artefact/names.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

Written Flags(const Subject& subject) {
  std::string flags = "--cap-drop=ALL";
  for (const std::string& name : BareNames(subject.keep))
    absl::StrAppend(&flags, " --cap-add=", name);
  if (subject.no_new_privileges) flags += " --security-opt=no-new-privileges";
  Written written{flags + "\n"};
  if (subject.maybe_privileged())
    written.notes.push_back("these flags have no effect with --privileged; remove it");
  return written;
}

// Returns SERVICE of "compose:PROJECT/SERVICE"; "" if Compose did not start the container.
std::string SeenService(const v1::Container& container) {
  const std::string& workload = container.workload();
  const size_t slash = workload.find('/');
  const bool known = workload.starts_with("compose:") && slash != workload.npos;
  return known ? workload.substr(slash + 1) : "";
}

}  // namespace

Written DockerFlags(const Subject& subject) { return Flags(subject); }
Written PodmanFlags(const Subject& subject) { return Flags(subject); }

Written ComposeOverride(const Subject& subject) {
  Json service;
  if (subject.maybe_privileged()) service["privileged"] = false;
  service["cap_drop"] = {"ALL"};
  if (!subject.keep.empty()) service["cap_add"] = BareNames(subject.keep);
  if (subject.no_new_privileges) service["security_opt"] = {"no-new-privileges:true"};
  const std::string seen = SeenService(subject.profile.container());
  const std::string name = ServiceName(seen.empty() ? subject.profile.container().name() : seen);
  Written written{ToYaml({{"services", {{name, service}}}})};
  written.notes.push_back(
      "Compose merges lists: remove any cap_add from the file that this one overrides");
  if (seen.empty())
    written.notes.push_back(
        absl::StrCat("Compose did not start it: replace ", name, " with the name of your service"));
  else if (name != seen)
    written.notes.push_back(absl::StrCat("the service was seen as \"", seen, "\""));
  return written;
}

}  // namespace capmon
