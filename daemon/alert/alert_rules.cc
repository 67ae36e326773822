// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/alert_rules.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <limits>

#include "daemon/alert/rules.h"
#include "daemon/alert/rules/escape.h"
#include "daemon/alert/rules/privilege.h"
#include "daemon/alert/rules/severity.h"
#include "daemon/alert/rules/user_namespace.h"
#include "daemon/model/capability_facts.h"
#include "daemon/profile/evidence_verdict.h"

namespace capmon {
namespace {

// Ignores the table of programs: an intruder can choose a name from it.
JudgedEvidence JudgeForAlert(const Profile& profile, const CallSites& sites,
                             const CheckEvidence& evidence) {
  return Assess(profile, sites, evidence, ProgramNames::kIgnore).judged;
}

bool CountsAsRefusal(const JudgedEvidence& judged) {
  return !judged.evidence.key.granted && TraitsOf(judged.verdict).refusal != Refusal::kNothing;
}

bool SameBinary(const CheckEvidence& a, const CheckEvidence& b) {
  return a.key.exe == b.key.exe || (!a.binary.empty() && a.binary == b.binary);
}

// Whether it is one of these uses. A program of which the name is not known, as of one file under
// several names, may be any.
bool IsAmong(const std::set<std::string>& uses, const CheckEvidence& evidence) {
  if (uses.contains(UseOf(evidence))) return true;
  CheckEvidence nameless;
  nameless.key = evidence.key;
  const std::string by_any = UseOf(nameless);
  if (!evidence.binary.empty()) return uses.contains(by_any);
  const auto first = uses.lower_bound(by_any);
  return first != uses.end() && first->starts_with(by_any);
}

struct Before {
  bool same_use = false;  // by the same binary, in the same kernel function
  bool same_site = false;
};

// Returns whether evidence older than the baseline, other than `fresh` itself, already used it.
Before UsedBefore(const Profile& profile, const CallSites& sites, const CheckEvidence& fresh) {
  Before before;
  before.same_use = before.same_site = IsAmong(profile.earlier_uses, fresh);
  CheckKey from;
  from.capability = fresh.key.capability;
  from.granted = true;
  for (auto it = profile.checks.lower_bound(from); it != profile.checks.end(); ++it) {
    const auto& [key, evidence] = *it;
    if (key.capability != from.capability || before.same_use) break;
    if (evidence.first > profile.baseline || key.site != fresh.key.site) continue;
    if (!CountsAsNeed(JudgeForAlert(profile, sites, evidence))) continue;
    before.same_site = true;
    before.same_use = SameBinary(evidence, fresh);
  }
  return before;
}

// Uses that lead out of a container, and that hardly any program makes at its start.
bool LeadsOut(const CheckKey& key) {
  switch (key.capability) {
    case CAP_SYS_ADMIN:
    case CAP_SYS_MODULE:
    case CAP_SYS_RAWIO:
    case CAP_SYS_PTRACE:
    case CAP_SYS_BOOT:
    case CAP_BPF:
    case CAP_PERFMON:
    case CAP_MAC_ADMIN:
    case CAP_MAC_OVERRIDE:
    case CAP_MKNOD: return true;
    // Root reads other users' files with it all the time, but rarely opens one by handle.
    case CAP_DAC_READ_SEARCH:
      return key.syscall == "open_by_handle_at" || key.syscall == "name_to_handle_at";
    case CAP_NET_RAW: return key.site == "packet_create";
    default: return false;
  }
}

bool IsEntryPoint(const Profile& profile, const CheckEvidence& evidence) {
  return profile.entry_exes.contains(evidence.key.exe);
}

// The kind, rule, severity and words of an alert.
struct Cause {
  AlertKind kind;
  const char* rule;
  Severity severity;
  const char* did;
  const char* remark = "";
};

bool IsRawSocket(const CheckKey& key) {
  return key.capability == CAP_NET_RAW && key.syscall == "socket";
}

// Returns the rule of a check with a meaning of its own, or `otherwise`.
const char* RuleOf(const Profile& profile, const CheckKey& key, const char* otherwise) {
  if (profile.container.kind == ContainerKind::kContainer)
    if (const char* const escape = EscapeRuleOf(key)) return escape;
  return key.granted && IsRawSocket(key) ? kRuleRawSocket : otherwise;
}

std::optional<Cause> CauseOfUse(const Profile& profile, const JudgedEvidence& fresh,
                                const CallSites& sites) {
  const CheckKey& key = fresh.evidence.key;
  const Severity severity = SeverityOf(key.capability, fresh.verdict);
  if (profile.baseline == 0) {
    const bool suspicious = !profile.entry_exes.empty() && LeadsOut(key) &&
                            fresh.verdict != Verdict::kDegrades &&
                            !IsEntryPoint(profile, fresh.evidence);
    if (!suspicious) return std::nullopt;
    const char* const rule = RuleOf(profile, key, kRuleDangerous);
    return Cause{AlertKind::kNewCapability, rule,
                 std::max(Lower(severity), FindAlertRule(rule)->severity), "uses",
                 "; it has no baseline yet, and this is not the program it was started with"};
  }
  const Before before = UsedBefore(profile, sites, fresh.evidence);
  if (before.same_use) return std::nullopt;
  return Cause{AlertKind::kNewCapability,
               RuleOf(profile, key, before.same_site ? kRuleFirstProgram : kRuleFirstUse),
               before.same_site ? Lower(severity) : severity, "newly uses"};
}

// Returns the cause for a granted check of a call that failed for another reason: an attempt, where
// it is shaped like a way out.
std::optional<Cause> CauseOfAttempt(const Profile& profile, const JudgedEvidence& fresh,
                                    const CallSites& sites) {
  const CheckKey& key = fresh.evidence.key;
  if (!key.granted || fresh.verdict != Verdict::kTried) return std::nullopt;
  const char* const rule = RuleOf(profile, key, nullptr);
  if (rule == nullptr || !EscapeRuleOf(key)) return std::nullopt;
  const bool normal = profile.baseline == 0
                          ? profile.entry_exes.empty() || IsEntryPoint(profile, fresh.evidence)
                          : UsedBefore(profile, sites, fresh.evidence).same_use;
  if (normal) return std::nullopt;
  return Cause{AlertKind::kEscape, rule, Severity::kMedium, "tried to use",
               "; the call failed for another reason"};
}

std::optional<Cause> CauseOf(const Profile& profile, const JudgedEvidence& fresh,
                             const CallSites& sites) {
  const CheckKey& key = fresh.evidence.key;
  const Severity severity = SeverityOf(key.capability, fresh.verdict);
  if (key.exe_origin == ExeOrigin::kMemory && !TraitsOf(fresh.verdict).without_need &&
      profile.container.kind == ContainerKind::kContainer)
    return Cause{AlertKind::kFromMemory, kRuleFromMemory,
                 key.granted ? std::max(severity, Severity::kHigh) : Severity::kMedium,
                 key.granted ? "uses" : "was denied"};
  if (CountsAsRefusal(fresh))
    return Cause{AlertKind::kDeniedCapability, RuleOf(profile, key, kRuleDenied), severity,
                 "was denied"};
  return CountsAsNeed(fresh) ? CauseOfUse(profile, fresh, sites)
                             : CauseOfAttempt(profile, fresh, sites);
}

// Returns one id per subject. All code from memory has one id, because its name can be anything.
std::string IdOf(AlertKind kind, const Profile& profile, const CheckKey& key) {
  std::string id = fmt::format("{}:{}:", Name(kind), CapabilityName(key.capability));
  if (kind != AlertKind::kFromMemory) id += fmt::format("{}:{}:", key.site, key.exe);
  return id + profile.container.key;
}

}  // namespace

bool CountsAsNeed(const JudgedEvidence& judged) {
  return judged.evidence.key.granted && TraitsOf(judged.verdict).is_need;
}

std::string UseOf(const CheckEvidence& evidence) {
  const std::string& binary = evidence.binary;
  return fmt::format("{} {} {}", CapabilityName(evidence.key.capability), evidence.key.site,
                     binary.substr(binary.rfind('/') + 1));
}

namespace {

std::set<std::string> UsesUntil(const Profile& profile, TimeNs until, const CallSites& sites) {
  std::set<std::string> uses = profile.earlier_uses;
  for (const auto& [key, evidence] : profile.checks) {
    if (uses.size() >= Profile::kMaxEarlierUses) break;
    if (!key.granted || evidence.first > until) continue;
    if (CountsAsNeed(JudgeForAlert(profile, sites, evidence))) uses.insert(UseOf(evidence));
  }
  return uses;
}

}  // namespace

std::set<std::string> NormalUses(const Profile& profile, const CallSites& sites) {
  if (profile.baseline == 0) return {};
  return UsesUntil(profile, profile.baseline, sites);
}

std::set<std::string> AllUses(const Profile& profile, const CallSites& sites) {
  std::set<std::string> uses = UsesUntil(profile, std::numeric_limits<TimeNs>::max(), sites);
  const auto add = [&](const std::string& use) {
    if (uses.size() < Profile::kMaxEarlierUses) uses.insert(use);
  };
  for (const std::string& use : PrivilegeUses(profile)) add(use);
  for (const auto& [key, evidence] : profile.checks)
    if (const auto use = UseOfNamespace(JudgeForAlert(profile, sites, evidence))) add(*use);
  return uses;
}

std::optional<Alert> AlertFor(const Profile& profile, const JudgedEvidence& judged, TimeNs now,
                              const CallSites& sites) {
  const bool by_name = judged.site_class == kProgramClass;
  const JudgedEvidence fresh = by_name ? JudgeForAlert(profile, sites, judged.evidence) : judged;
  const std::optional<Cause> cause = CauseOf(profile, fresh, sites);
  if (!cause) return std::nullopt;
  const CheckEvidence& evidence = fresh.evidence;
  Alert alert;
  alert.kind = cause->kind;
  alert.capability = evidence.key.capability;
  alert.id = IdOf(alert.kind, profile, evidence.key);
  ApplyRule(cause->rule, alert);
  AddContainer(profile.container, alert);
  AddBaseline(profile, alert);
  alert.severity = cause->severity;
  alert.first = alert.last = now;
  alert.count = evidence.counts.count;
  alert.granted = evidence.key.granted;
  alert.verdict = Name(fresh.verdict);
  alert.site = evidence.key.site;
  alert.syscall = evidence.key.syscall;
  alert.binary = evidence.binary;
  alert.pid = evidence.pid;
  alert.process.name = evidence.comm;
  alert.message = fmt::format("{} {} {}: {}{}", profile.container.name, cause->did,
                              CapabilityName(alert.capability), fresh.reason, cause->remark);
  return alert;
}

std::optional<Alert> AlertForLeaving(const Container& container, uint64_t count, TimeNs now) {
  if (container.kind != ContainerKind::kContainer) return std::nullopt;
  Alert alert = AboutContainer(AlertKind::kLeftCgroup, kRuleLeftCgroup, container, "", now);
  alert.count = count;
  alert.message = fmt::format(
      "{}: a process left the container's cgroup and moved to that of another container or of the "
      "host",
      container.name);
  return alert;
}

}  // namespace capmon
