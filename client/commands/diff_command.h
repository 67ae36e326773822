// SPDX-License-Identifier: Apache-2.0
// `capmon diff` and `capmon check --baseline`: what two profiles of a workload say differently.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/profile_file/compare.h"

namespace capmon {

// The exit code: 1 where there is any difference.
absl::StatusOr<int> Diff(const Settings& settings, const std::string& before,
                         const std::string& after);
// The exit code: 1 where the recommendation of `now` is another one than that of `baseline`.
absl::StatusOr<int> CheckBaseline(const Settings& settings, const std::string& now,
                                  const std::string& baseline);

// The comparison as lines, and as a document. `only_after` is said of a workload that only the
// second side has.
std::string ComparisonText(const std::vector<Comparison>& comparisons, const char* only_after);
nlohmann::ordered_json ComparisonJson(const std::vector<Comparison>& comparisons);

}  // namespace capmon
