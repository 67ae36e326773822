// SPDX-License-Identifier: Apache-2.0
// `capmon report`: reads every profile and writes the page.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/base/settings.h"
#include "client/profile_file/workload_profile.h"
#include "client/render/report/report.h"

namespace capmon {

struct ReportOptions {
  std::string output;    // file
  std::string baseline;  // profile file; "" for none
  bool all = false;      // includes ended workloads
};

// What differs between the profiles of a file and those of now, by workload. Pure.
SinceBaseline ChangesSince(const std::string& file, const ProfileSet& before,
                           const ProfileSet& now);

absl::Status WriteReport(const Settings& settings, const ReportOptions& options);

}  // namespace capmon
