// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/matching.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

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

// NAMESPACE/CONTROLLER/NAME/CONTAINER
bool FitsPod(const ManifestContainer& container, const std::string& name_space,
             const std::string& workload) {
  const std::vector<std::string> parts = absl::StrSplit(workload, '/');
  return parts.size() == 4 && (name_space.empty() || parts[0] == name_space) &&
         IsController(parts[1], container.controller) && parts[2] == container.owner &&
         parts[3] == container.name;
}

// compose:PROJECT/SERVICE. The project of a file without a name is that of its directory, which is
// another one in every checkout.
bool FitsService(const ManifestContainer& container, bool any_project,
                 const std::string& workload) {
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
  match.other_image = true;
  for (const auto& [key, profile] : profiles)
    if (key.workload == match.workload && (key.image == container.image || key.image.empty()))
      match.other_image = false;
  for (const auto& [key, profile] : profiles) {
    const bool same = key.image == container.image || key.image.empty();
    if (key.workload == match.workload && (match.other_image || same))
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
