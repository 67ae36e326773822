// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/alert.h"

namespace capmon {

const char* Name(AlertKind kind) {
  switch (kind) {
    case AlertKind::kNewCapability: return "new_capability";
    case AlertKind::kDeniedCapability: return "denied_capability";
    case AlertKind::kFromMemory: return "from_memory";
    case AlertKind::kLeftCgroup: return "left_cgroup";
  }
  return "unknown";
}

const char* Name(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kLow: return "low";
    case Severity::kMedium: return "medium";
    case Severity::kHigh: return "high";
    case Severity::kCritical: return "critical";
  }
  return "unknown";
}

}  // namespace capmon
