// SPDX-License-Identifier: Apache-2.0
// What `capmon minimize` prints: its plan and its result.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "client/commands/minimization.h"

namespace capmon {

absl::StatusOr<int> PrintPlan(const std::vector<TrialCandidate>& candidates,
                              const MinimizeOptions& options, const v1::Minimization& report);

// Adds the result to the report.
void AddResult(const std::vector<TrialCandidate>& candidates, const SearchResult& result,
               v1::Minimization& report);
// Prints the result, and returns the exit code.
absl::StatusOr<int> PrintResult(const v1::Minimization& report, SearchEnd end,
                                const Settings& settings);

// Prints rows for the table of programs instead; the result itself goes to standard error.
absl::StatusOr<int> PrintPrograms(const v1::Minimization& report, SearchEnd end,
                                  const v1::Profile& before);

}  // namespace capmon
