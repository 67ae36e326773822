// SPDX-License-Identifier: Apache-2.0
#include "client/render/report/settings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/text.h"

namespace capmon {
namespace {

constexpr char kSafe[] = "safe";

std::vector<std::string> Kept(const v1::Profile& profile) {
  std::vector<std::string> names;
  for (const std::string& name : profile.recommendation().keep()) names.push_back(ShortName(name));
  std::sort(names.begin(), names.end());
  return names;
}

std::string DockerFlags(const v1::Profile& profile) {
  std::string flags = "--cap-drop ALL";
  for (const std::string& name : Kept(profile)) absl::StrAppend(&flags, " --cap-add ", name);
  if (profile.recommendation().no_new_privileges() == kSafe)
    flags += " --security-opt no-new-privileges";
  return flags + "\n";
}

std::string SecurityContext(const v1::Profile& profile) {
  std::string yaml = "securityContext:\n";
  if (profile.recommendation().no_new_privileges() == kSafe)
    yaml += "  allowPrivilegeEscalation: false\n";
  yaml += "  capabilities:\n    drop: [\"ALL\"]\n";
  std::string added;
  for (const std::string& name : Kept(profile))
    absl::StrAppend(&added, added.empty() ? "" : ", ", "\"", name, "\"");
  return added.empty() ? yaml : absl::StrCat(yaml, "    add: [", added, "]\n");
}

std::string UnitSettings(const v1::Profile& profile) {
  std::string unit = "[Service]\nCapabilityBoundingSet=";
  for (const std::string& name : Kept(profile)) absl::StrAppend(&unit, "CAP_", name, " ");
  if (unit.ends_with(' ')) unit.pop_back();
  if (profile.recommendation().no_new_privileges() == kSafe) unit += "\nNoNewPrivileges=yes";
  return unit + "\n";
}

}  // namespace

std::vector<ReadySettings> SettingsFor(const v1::Profile& profile) {
  const std::string& kind = profile.container().kind();
  if (kind == "unit") return {{"systemd", UnitSettings(profile)}};
  if (kind != "container") return {};
  return {{"Docker", DockerFlags(profile)}, {"Kubernetes", SecurityContext(profile)}};
}

}  // namespace capmon
