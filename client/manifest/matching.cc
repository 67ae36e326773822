// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/matching.h"

#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

constexpr std::string_view kCompose = "compose:";

// The controllers that one kind of manifest may appear as: capmond may know the pods of a bare
// ReplicaSet, or a pod of a file on its node, by another one.
bool IsController(const std::string& seen, const std::string& written) {
  if (seen == written) return true;
  if (written == "rs") return seen == "deploy";
  return written == "pod" && seen == "static";
}

// A digest, where both have one, decides alone.
bool IsSameImage(const ProfileKey& key, const std::string& written) {
  if (key.image == written || key.image.empty()) return true;
  const ImageName of_profile = ParseImageName(key.image), of_manifest = ParseImageName(written);
  const std::string& digest = of_profile.digest.empty() ? key.digest : of_profile.digest;
  if (of_profile.name != of_manifest.name) return false;
  if (!of_manifest.digest.empty() && digest == of_manifest.digest) return true;
  const auto tag = [](const ImageName& image) {
    return image.tag.empty() && image.digest.empty() ? "latest" : image.tag;
  };
  return !tag(of_manifest).empty() && tag(of_profile) == tag(of_manifest);
}

// NAMESPACE/CONTROLLER/NAME/CONTAINER, NAMESPACE/label/LABEL/CONTAINER
bool FitsPod(const ManifestContainer& container, const std::string& name_space,
             const std::string& workload) {
  const std::vector<std::string> parts = absl::StrSplit(workload, '/');
  if (parts.size() != 4 || (!name_space.empty() && parts[0] != name_space) ||
      parts[3] != container.name)
    return false;
  if (!container.label.empty()) return parts[1] == "label" && parts[2] == container.label;
  return IsController(parts[1], container.controller) && parts[2] == container.owner;
}

// compose:PROJECT/SERVICE. The project of a file without a name is that of its directory, which is
// another one in every checkout.
bool FitsService(const ManifestContainer& container, bool any_project,
                 const std::string& workload) {
  if (!container.label.empty()) return workload == absl::StrCat("label:", container.label);
  if (!workload.starts_with(kCompose)) return false;
  if (workload == absl::StrCat(std::string(kCompose), container.owner, "/", container.name))
    return true;
  return any_project && workload.ends_with(absl::StrCat("/", container.name));
}

std::set<std::string> WorkloadsFor(const ManifestContainer& container, const ProfileSet& profiles,
                                   const std::string& name_space, bool any_project) {
  const bool compose = container.origin == ManifestContainer::Origin::kCompose;
  std::set<std::string> fitting;
  for (const auto& [key, profile] : profiles)
    if (compose ? FitsService(container, any_project, key.workload)
                : FitsPod(container, name_space, key.workload))
      fitting.insert(key.workload);
  return fitting;
}

void TakeProfile(const ManifestContainer& container, const ProfileSet& profiles,
                 ProfileMatch& match) {
  bool named = false, same = false;
  for (const auto& [key, profile] : profiles) {
    if (key.workload != match.workload || key.image.empty()) continue;
    named = true;
    same = same || IsSameImage(key, container.image);
  }
  match.other_image = named && !same;
  for (const auto& [key, profile] : profiles) {
    if (key.workload == match.workload && (match.other_image || IsSameImage(key, container.image)))
      MergeInto(match.profile, profile);
  }
  if (container.image.empty()) match.other_image = false;
}

}  // namespace

ProfileMatch FindProfile(const ManifestContainer& container, const ProfileSet& profiles,
                         const std::string& name_space) {
  const std::string& own = container.name_space;
  const std::string& place = own.empty() ? name_space : own;
  std::set<std::string> fitting = WorkloadsFor(container, profiles, place, false);
  if (fitting.empty() && !container.project_named)
    fitting = WorkloadsFor(container, profiles, place, true);
  ProfileMatch match;
  if (fitting.size() == 1) {
    match.workload = *fitting.begin();
    TakeProfile(container, profiles, match);
  } else if (fitting.empty()) {
    match.why_not = "no profile is of this workload";
  } else {
    match.why_not = absl::StrCat("several profiles fit: ", absl::StrJoin(fitting, ", "));
  }
  return match;
}

}  // namespace capmon
