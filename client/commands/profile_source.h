// SPDX-License-Identifier: Apache-2.0
// Profiles of workloads, from files or from capmond.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

// "file:PATH" and "-", which every command takes in place of a reference.
bool IsProfileFile(const std::string& word);
// Also a path that looks like one: "/x", "./x", "x.yaml", "x.yml", "x.json".
bool LooksLikeFile(const std::string& word);

// `word` is a path, "file:PATH" or "-".
absl::StatusOr<ProfileSet> ProfilesOfFile(const std::string& word);

// Every instance of the workloads that the references belong to; of none: of all there are.
// NOT_FOUND for a reference that fits none.
absl::StatusOr<ProfileSet> ProfilesOfDaemon(const Settings& settings,
                                            const std::vector<std::string>& references);

// From a file where the word looks like one, else from capmond.
absl::StatusOr<ProfileSet> ProfilesOf(const Settings& settings, const std::string& word);

}  // namespace capmon
