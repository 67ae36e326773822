// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/alert_rules.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>

namespace capmon {
namespace {

bool CountsAsNeed(const JudgedEvidence& judged) {
  return judged.evidence.key.granted && TraitsOf(judged.verdict).is_need;
}

bool CountsAsRefusal(const JudgedEvidence& judged) {
  return !judged.evidence.key.granted && TraitsOf(judged.verdict).refusal != Refusal::kNothing;
}

// Evidence older than the baseline, other than `fresh` itself, that already called for it.
bool UsedBefore(const Profile& profile, const CallSites& sites, const JudgedEvidence& fresh) {
  CheckKey from;
  from.capability = fresh.evidence.key.capability;
  from.granted = true;
  for (auto it = profile.checks.lower_bound(from); it != profile.checks.end(); ++it) {
    const auto& [key, evidence] = *it;
    if (key.capability != from.capability) break;
    if (evidence.first <= profile.baseline && CountsAsNeed(JudgeEvidence(profile, sites, evidence)))
      return true;
  }
  return false;
}

// An unreviewed site or a call that failed anyway says less than a use that worked.
Severity Weighed(Severity severity, const JudgedEvidence& fresh) {
  const bool weak = fresh.verdict == Verdict::kTried || fresh.verdict == Verdict::kDegrades;
  return weak ? std::min(severity, Severity::kLow) : severity;
}

}  // namespace

Severity SeverityOf(Capability capability) {
  switch (capability) {
    case CAP_SYS_MODULE:
    case CAP_SYS_RAWIO:
    case CAP_MAC_ADMIN:
    case CAP_MAC_OVERRIDE: return Severity::kCritical;
    case CAP_SYS_ADMIN:
    case CAP_SYS_PTRACE:
    case CAP_SYS_BOOT:
    case CAP_DAC_READ_SEARCH:
    case CAP_BPF:
    case CAP_PERFMON:
    case CAP_CHECKPOINT_RESTORE:
    case CAP_SETFCAP:
    case CAP_AUDIT_CONTROL:
    case CAP_NET_ADMIN: return Severity::kHigh;
    case CAP_NET_BIND_SERVICE:
    case CAP_NET_BROADCAST:
    case CAP_WAKE_ALARM:
    case CAP_BLOCK_SUSPEND:
    case CAP_LEASE: return Severity::kInfo;
    case CAP_CHOWN:
    case CAP_FOWNER:
    case CAP_FSETID:
    case CAP_KILL:
    case CAP_SYS_CHROOT:
    case CAP_SYS_NICE:
    case CAP_IPC_LOCK:
    case CAP_AUDIT_WRITE: return Severity::kLow;
    default: return Severity::kMedium;
  }
}

std::optional<Alert> AlertFor(const Profile& profile, const JudgedEvidence& fresh, TimeNs now,
                              const CallSites& sites) {
  const bool refusal = CountsAsRefusal(fresh);
  const bool news =
      CountsAsNeed(fresh) && profile.baseline != 0 && !UsedBefore(profile, sites, fresh);
  if (!refusal && !news) return std::nullopt;
  const CheckEvidence& evidence = fresh.evidence;
  Alert alert;
  alert.kind = refusal ? AlertKind::kDeniedCapability : AlertKind::kNewCapability;
  alert.capability = evidence.key.capability;
  alert.id = fmt::format("{}:{}:{}", Name(alert.kind), CapabilityName(alert.capability),
                         profile.container.key);
  alert.severity = Weighed(SeverityOf(alert.capability), fresh);
  alert.first = alert.last = now;
  alert.count = evidence.counts.count;
  alert.granted = evidence.key.granted;
  alert.container = profile.container;
  alert.site = evidence.key.site;
  alert.syscall = evidence.key.syscall;
  alert.binary = evidence.binary;
  alert.pid = evidence.pid;
  alert.message =
      fmt::format("{} {} {}: {}", profile.container.name, refusal ? "was refused" : "newly uses",
                  CapabilityName(alert.capability), fresh.reason);
  return alert;
}

}  // namespace capmon
