// SPDX-License-Identifier: Apache-2.0
// Findings of a check for people and for programs. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/manifest/check.h"

namespace capmon {

struct FindingCounts {
  size_t containers = 0;
  size_t errors = 0;
  size_t warnings = 0;
  size_t notes = 0;
  size_t unsettled = 0;  // containers without a profile, or with incomplete evidence

  bool failed() const { return errors + warnings > 0; }
};
FindingCounts CountsOf(const std::vector<CheckedFile>& files);

// "web.yaml:14:9: error: service web: lacks CHOWN ... [lacks]" a line, then the counts.
std::string CheckText(const std::vector<CheckedFile>& files);
nlohmann::ordered_json CheckJson(const std::vector<CheckedFile>& files);
// A log of SARIF 2.1.0.
nlohmann::ordered_json CheckSarif(const std::vector<CheckedFile>& files);
// A suite for each file, a test case for each container; warnings and errors are failures.
std::string CheckJunit(const std::vector<CheckedFile>& files);

}  // namespace capmon
