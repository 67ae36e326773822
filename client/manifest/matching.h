// SPDX-License-Identifier: Apache-2.0
// Finds the profile of a container that a manifest describes. Pure.
#pragma once

#include <string>

#include "client/manifest/manifest.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

struct ProfileMatch {
  std::string workload;     // "" where none fits
  std::string why_not;      // then: a clause
  WorkloadProfile profile;  // of the image if there is one of it, else of all images
  bool other_image = false;
};

// `name_space` is that of manifests without one; "" fits any, if only one has the workload.
ProfileMatch FindProfile(const ManifestContainer& container, const ProfileSet& profiles,
                         const std::string& name_space);

}  // namespace capmon
