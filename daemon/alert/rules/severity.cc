// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/severity.h"

#include <algorithm>

#include "daemon/model/capability_facts.h"

namespace capmon {

Severity SeverityOf(Capability capability, Verdict verdict) {
  const Severity severity = SeverityOf(capability);
  const bool weak = verdict == Verdict::kTried || verdict == Verdict::kDegrades;
  return weak ? std::min(severity, Severity::kLow) : severity;
}

Severity SeverityOf(CapabilitySet set) {
  Severity gravest = Severity::kInfo;
  for (const Capability capability : set.members())
    gravest = std::max(gravest, SeverityOf(capability));
  return gravest;
}

Severity Lower(Severity severity) {
  return severity == Severity::kInfo ? severity
                                     : static_cast<Severity>(static_cast<int>(severity) - 1);
}

}  // namespace capmon
