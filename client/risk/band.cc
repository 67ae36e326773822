// SPDX-License-Identifier: Apache-2.0
#include "client/risk/band.h"

#include "daemon/model/capability_facts.h"

namespace capmon {

const char* Name(Band band) {
  switch (band) {
    case Band::kCritical: return "critical";
    case Band::kHigh: return "high";
    case Band::kMedium: return "medium";
    case Band::kLow: return "low";
    case Band::kUnknown: return "unknown";
    case Band::kNone: return "none";
  }
  return "";
}

Band BandOf(const MatrixRow& row) {
  if (row.RiskText() == "?") return Band::kUnknown;
  Band band = Band::kNone;
  if (!(row.unused() & row.raisable).empty()) band = Band::kLow;  // "0+"
  for (const Capability capability : (row.unused() & row.reachable).members()) {
    Band of_this = Band::kLow;
    switch (SeverityOf(capability)) {
      case Severity::kCritical: of_this = Band::kCritical; break;
      case Severity::kHigh: of_this = Band::kHigh; break;
      case Severity::kMedium: of_this = Band::kMedium; break;
      case Severity::kLow:
      case Severity::kInfo: break;
    }
    if (of_this < band) band = of_this;
  }
  return band;
}

}  // namespace capmon
