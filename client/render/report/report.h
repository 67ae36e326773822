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

struct ReportedWorkload {
  MatrixRow row;  // its name is the workload's in full
  v1::Workload workload;
  std::optional<v1::Profile> profile;  // unset: it ended meanwhile, or is beyond the limit
};

// A difference from the baseline, in the words of `capmon diff`.
struct ReportedChange {
  enum class Kind { kNew, kGone, kChanged };
  Kind kind = Kind::kChanged;
  std::string subject;  // "NET_RAW", "image"
  std::string before, after;
  bool decides = true;  // the recommendation differs
};
struct ChangedWorkload {
  std::string name;
  std::vector<ReportedChange> changes;
};
struct SinceBaseline {
  std::string file;
  std::vector<ChangedWorkload> changed;
  std::vector<std::string> added;  // not in the baseline
  std::vector<std::string> gone;   // in the baseline only
};

struct Findings {
  int64_t written = 0;  // seconds since 1970
  v1::Status status;
  std::vector<Capability> columns;  // most dangerous first
  std::vector<ReportedWorkload> workloads;
  std::optional<SinceBaseline> since;
};

// Limits of the page. It counts what is omitted.
struct ReportLimits {
  size_t rows = 1000;              // of each matrix
  size_t bytes = 8 * 1024 * 1024;  // no section begins after this size
  size_t open = 1;                 // sections are unfolded if there are no more
  size_t answers = 3;              // findings above everything else
  size_t changes = 200;            // workloads that differ from the baseline
};

std::string RenderReport(Findings report, const ReportLimits& limits = {});

}  // namespace capmon
