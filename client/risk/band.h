// SPDX-License-Identifier: Apache-2.0
// Severity bands of workloads: by the most dangerous capability that one can use and does not need.
// Pure.
#pragma once

#include "client/risk/matrix.h"

namespace capmon {

// Worst first.
enum class Band {
  kCritical,
  kHigh,
  kMedium,
  kLow,
  kUnknown,  // what it holds or needs is not known
  kNone,     // it can use nothing that it does not need
};
inline constexpr Band kBands[] = {Band::kCritical, Band::kHigh,    Band::kMedium,
                                  Band::kLow,      Band::kUnknown, Band::kNone};

const char* Name(Band band);  // "critical" ... "none"
Band BandOf(const MatrixRow& row);

}  // namespace capmon
