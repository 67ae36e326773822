// SPDX-License-Identifier: Apache-2.0
// `capmon report`: what is held and what is used, as one page to look at, print and send. The page
// loads nothing and runs nothing, and the same input gives the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "client/risk/matrix.h"

namespace capmon {

struct ReportedContainer {
  MatrixRow row;
  std::optional<v1::Profile> profile;  // none: it went away meanwhile, or is beyond the limit
};

struct Findings {
  int64_t written = 0;  // seconds since 1970
  v1::Status status;
  std::vector<Capability> columns;            // most dangerous first
  std::vector<ReportedContainer> containers;  // worst first
};

// What of a report goes on the page. The rest is counted there.
struct ReportLimits {
  size_t rows = 1000;              // of the matrix
  size_t bytes = 8 * 1024 * 1024;  // once the sections are as long as this, no more begin
  size_t open = 8;                 // up to so many sections are unfolded from the start
};

std::string RenderReport(const Findings& report, const ReportLimits& limits = {});

}  // namespace capmon
