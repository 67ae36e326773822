// SPDX-License-Identifier: Apache-2.0
// `capmon diff` and `capmon check --baseline`: the differences between two profiles of a workload.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/profile_file/compare.h"

namespace capmon {

// Returns the exit code: 1 if anything differs.
absl::StatusOr<int> Diff(const Settings& settings, const std::string& before,
                         const std::string& after);
// Returns the exit code: 1 if the recommendations of `now` and `baseline` differ.
absl::StatusOr<int> CheckBaseline(const Settings& settings, const std::string& now,
                                  const std::string& baseline);

// Render the comparison as lines and as a document. `only_after` is printed for a workload that
// only the second side has.
std::string ComparisonText(const std::vector<Comparison>& comparisons, const char* only_after);
nlohmann::ordered_json ComparisonJson(const std::vector<Comparison>& comparisons);

}  // namespace capmon
