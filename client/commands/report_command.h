// SPDX-License-Identifier: Apache-2.0
// `capmon report`: reads every profile and writes the page.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/base/settings.h"

namespace capmon {

struct ReportOptions {
  std::string output;  // file
  bool all = false;    // includes ended containers
};

absl::Status WriteReport(const Settings& settings, const ReportOptions& options);

}  // namespace capmon
