// SPDX-License-Identifier: Apache-2.0
// `capmon import`: gives capmond what instances elsewhere showed.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

struct ImportOptions {
  std::vector<std::string> files;
  bool any_cluster = false;  // also profiles of another cluster
};

// Imports all files or none.
absl::Status Import(const Settings& settings, const ImportOptions& options);

// Adds requests with the rows of the profiles, each as large as capmond accepts. INVALID_ARGUMENT
// for a row that is larger.
absl::Status AddRequestsFor(const ProfileSet& set, const std::string& file,
                            std::vector<v1::ImportProfilesRequest>& requests);

}  // namespace capmon
