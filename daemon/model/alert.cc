// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/alert.h"

namespace capmon {

const char* Name(AlertKind kind) {
  switch (kind) {
    case AlertKind::kNewCapability: return "new_capability";
    case AlertKind::kDeniedCapability: return "denied_capability";
    case AlertKind::kFromMemory: return "from_memory";
    case AlertKind::kLeftCgroup: return "left_cgroup";
    case AlertKind::kDeniedBurst: return "denied_burst";
    case AlertKind::kDeniedScan: return "denied_scan";
    case AlertKind::kPrivilegeGained: return "privilege_gained";
    case AlertKind::kPrivilegeRaised: return "privilege_raised";
    case AlertKind::kUserNamespace: return "user_namespace";
    case AlertKind::kEscape: return "escape";
    case AlertKind::kEvidenceLost: return "evidence_lost";
    case AlertKind::kHealth: return "health";
    case AlertKind::kPosture: return "posture";
    case AlertKind::kFeed: return "feed";
  }
  return "unknown";
}

std::optional<AlertKind> ParseAlertKind(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(kLastAlertKind); ++i)
    if (name == Name(static_cast<AlertKind>(i))) return static_cast<AlertKind>(i);
  return std::nullopt;
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

std::optional<Severity> ParseSeverity(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Severity::kCritical); ++i)
    if (name == Name(static_cast<Severity>(i))) return static_cast<Severity>(i);
  return std::nullopt;
}

Alert MakeFeedAlert(const std::string& subject, const std::string& message, uint64_t count,
                    TimeNs now) {
  Alert alert;
  alert.kind = AlertKind::kFeed;
  alert.id = std::string(Name(alert.kind)) + ":" + subject;
  alert.rule = kFeedRule;
  alert.rule_version = 1;
  alert.rule_name = "Alerts held back or lost";
  alert.severity = Severity::kMedium;
  alert.first = alert.last = now;
  alert.count = count;
  alert.has_capability = false;
  alert.message = message;
  alert.next = "capmon status";
  return alert;
}

}  // namespace capmon
