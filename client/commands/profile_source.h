// SPDX-License-Identifier: Apache-2.0
// Profiles of workloads, from files or from capmond.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

// Returns true for "file:PATH" and "-", which every command accepts instead of a reference.
bool IsProfileFile(const std::string& word);
// Returns true also for a path that looks like a profile file: "/x", "./x", "x.yaml", "x.yml",
// "x.json".
bool LooksLikeFile(const std::string& word);

// `word` is a path, "file:PATH" or "-".
absl::StatusOr<ProfileSet> ProfilesOfFile(const std::string& word);

enum class Imported { kLeftOut, kIncluded, kOfAllImages };

// Returns every instance of the workloads that the references belong to; without references, of all
// workloads. With kIncluded, a workload with imported instances has one more row, for all together;
// with kOfAllImages another one, for what was imported of any image: the image to deploy may be
// another one than runs, and imported rows name theirs by digest alone.
// NOT_FOUND for a reference without a match, or if all that they mean is left out.
absl::StatusOr<ProfileSet> ProfilesOfDaemon(const Settings& settings,
                                            const std::vector<std::string>& references,
                                            Imported imported);

// Reads a file if the word looks like one, else queries capmond.
absl::StatusOr<ProfileSet> ProfilesOf(const Settings& settings, const std::string& word);

}  // namespace capmon
