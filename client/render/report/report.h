// SPDX-License-Identifier: Apache-2.0
// `capmon report`: held and used capabilities as one HTML page. The page loads nothing and runs
// nothing; the same input gives the same bytes.
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
  std::optional<v1::Profile> profile;  // unset: it ended meanwhile, or is beyond the limit
};

struct Findings {
  int64_t written = 0;  // seconds since 1970
  v1::Status status;
  std::vector<Capability> columns;            // most dangerous first
  std::vector<ReportedContainer> containers;  // highest risk first
};

// Limits of the page. It counts what is omitted.
struct ReportLimits {
  size_t rows = 1000;              // of the matrix
  size_t bytes = 8 * 1024 * 1024;  // no section begins after this size
  size_t open = 8;                 // this many sections are unfolded
};

std::string RenderReport(const Findings& report, const ReportLimits& limits = {});

}  // namespace capmon
