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

// Reads all files before anything is sent.
absl::Status Import(const Settings& settings, const std::vector<std::string>& files);

// Returns the rows of the profiles in requests that capmond accepts: bounded in rows and bytes.
std::vector<v1::ImportProfilesRequest> RequestsFor(const ProfileSet& set, const std::string& file);

}  // namespace capmon
