// SPDX-License-Identifier: Apache-2.0
// `capmon export` and `capmon merge`: profiles of workloads as files, on standard output.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/base/settings.h"

namespace capmon {

absl::Status Export(const Settings& settings, const std::vector<std::string>& references);
absl::Status MergeFiles(const Settings& settings, const std::vector<std::string>& files);

}  // namespace capmon
