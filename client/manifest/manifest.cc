// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/manifest.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace capmon {

std::string LabelOf(const ManifestContainer& container) {
  if (container.origin == ManifestContainer::Origin::kCompose)
    return absl::StrCat("service ", container.name);
  const std::string place =
      container.name_space.empty() ? "" : absl::StrCat(container.name_space, "/");
  const char* const kind = container.list == "initContainers"        ? "init container "
                           : container.list == "ephemeralContainers" ? "ephemeral container "
                                                                     : "container ";
  return absl::StrCat(place, container.controller, "/", container.owner, ", ", kind,
                      container.name.empty() ? "without a name" : container.name);
}

bool IsKnown(const ManifestContainer& container) {
  return std::ranges::none_of(container.findings, [](const ManifestFinding& finding) {
    return finding.rule == Rule::kNotFollowed || finding.rule == Rule::kMalformed;
  });
}

Manifest ReadManifest(const std::string& text, const std::string& project) {
  Manifest manifest;
  const YamlStream stream = ReadYaml(text, {});
  for (const YamlValue& document : stream.documents)
    if (!ReadKubernetes(document, manifest)) ReadCompose(document, project, manifest);
  if (stream.fault)
    manifest.findings.push_back(
        {Rule::kUnreadable, FindingLevel::kError, stream.fault->place,
         absl::StrCat("cannot be read from here: ", stream.fault->what,
                      text.find("{{") == text.npos
                          ? ""
                          : "; it looks like a template: check the output of helm template")});
  return manifest;
}

}  // namespace capmon
