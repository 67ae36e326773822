// SPDX-License-Identifier: Apache-2.0
// Manifests against profiles: what a container gets and does not need, and what it lacks. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/manifest/manifest.h"
#include "client/profile_file/summary.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

struct CheckOptions {
  std::string runtime = {};     // as for GrantsOf()
  std::string name_space = {};  // of manifests without one
  bool assume_unused = false;   // unknown capabilities count as unneeded
};

struct CheckedContainer {
  std::string label;
  TextPlace place;
  std::string workload;       // of the profile; "" where there is none
  std::string grounds;        // what the profile rests on
  std::string pod_security;   // its level; "" for Compose
  bool settled = false;       // the profile is there, and its evidence is complete
  ManifestFindings findings;  // by place
};

struct CheckedFile {
  std::string name;
  std::vector<CheckedContainer> containers;
  ManifestFindings findings;  // about no container in particular
};

CheckedFile CheckManifest(const std::string& name, const Manifest& manifest,
                          const ProfileSet& profiles, const CheckOptions& options);

// What is known about a container.
struct KnownNeeds {
  Summary summary;
  std::string grounds;   // as in CheckedContainer
  bool settled = false;  // likewise: what was not seen in use is unneeded
};
// Adds what contradicts the evidence. Declared here for check.cc alone.
void CheckEvidence(const ManifestContainer& container, const KnownNeeds& known,
                   const CheckOptions& options, ManifestFindings& findings);

}  // namespace capmon
