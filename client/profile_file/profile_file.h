// SPDX-License-Identifier: Apache-2.0
// Profiles of workloads as YAML or JSON that is reviewed like code: docs/ci.md describes the
// format, capmon-profile.schema.json defines it. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

inline constexpr int kProfileFileVersion = 1;

// Writes one document for each profile, in the order of the keys; equal sets give equal bytes.
std::string ToYamlFile(const ProfileSet& set);
// Writes the profile, or a list of several.
nlohmann::ordered_json ToJsonFile(const ProfileSet& set);

// INVALID_ARGUMENT with NAME:LINE:COLUMN for another format: unknown keys, wrong values, aliases,
// exceeded limits, and a summary that contradicts the instances.
absl::StatusOr<ProfileSet> ReadProfileFile(const std::string& text, const std::string& name);

}  // namespace capmon
