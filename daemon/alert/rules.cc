// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/alert/attack.h"

namespace capmon {
namespace {

constexpr AlertRule kRules[] = {
    {kRuleFirstUse, 1, "First use outside the baseline", "new_capability", true, Severity::kInfo,
     "", "A container with a baseline needs a capability in a way that the baseline has not."},
    {kRuleFirstProgram, 1, "First use by another program", "new_capability", true, Severity::kInfo,
     "",
     "A program needs a capability that, in the same way, only other programs of the container "
     "needed before the baseline; one severity lower."},
    {kRuleDangerous, 1, "Dangerous capability before a baseline", "new_capability", true,
     Severity::kInfo, "",
     "A container without a baseline uses a capability that leads out of it, in another program "
     "than the one it was started with; one severity lower.",
     "What the program that the container was started with does before there is a baseline is "
     "taken for normal."},
    {kRuleDenied, 1, "Denied attempt", "denied_capability", true, Severity::kInfo, "",
     "The kernel denied a capability that a program of the container asked for, and the call "
     "failed or changed."},
    {kRuleDeniedBurst, 1, "Burst of denied attempts", "denied_burst", false, Severity::kMedium,
     "T1068", "A container is denied capabilities at least 100 times within 10 seconds."},
    {kRuleDeniedScan, 1, "Scan of capabilities", "denied_scan", false, Severity::kHigh, "T1068",
     "A container is denied at least 5 different capabilities within an hour, however slowly."},
    {kRuleGained, 1, "Privilege gained by executing a file", "privilege_gained", true,
     Severity::kLow, "T1548.001",
     "A process has more capabilities after executing a set-user-ID file or one with capabilities, "
     "and nothing in the container did so before."},
    {kRuleRaised, 1, "Privilege raised by a process", "privilege_raised", true, Severity::kLow,
     "T1548",
     "A process adds capabilities to its inheritable set with capset(2), or to its ambient set, "
     "that the container was not started with.",
     "capset(2) cannot add to the permitted set, so effective capabilities that a process switches "
     "on again are no alert."},
    {kRuleUserNamespace, 1, "User namespace with full capabilities", "user_namespace", false,
     Severity::kMedium, "T1068 T1611",
     "A program of the container has all capabilities in a user namespace that it made.",
     "A namespace in which nothing is executed and nothing asks for a capability is not noticed."},
    {kRuleRawSocket, 1, "Raw or packet socket", "new_capability", true, Severity::kMedium, "",
     "A container opens a raw or packet socket that its profile does not have: it can read and "
     "forge packets of its network.",
     "Before a baseline only packet sockets of other programs than the one it was started with."},
    {kRuleMount, 1, "File systems or namespaces with SYS_ADMIN",
     "new_capability denied_capability escape", true, Severity::kMedium, "T1611",
     "A container mounts a file system or enters a namespace with SYS_ADMIN, unless that is normal "
     "for it; a denied attempt counts."},
    {kRuleModule, 1, "Kernel module", "new_capability denied_capability escape", true,
     Severity::kMedium, "T1547.006",
     "A container loads or unloads a kernel module, unless that is normal for it; a denied attempt "
     "counts."},
    {kRulePtrace, 1, "Memory of another process", "new_capability denied_capability escape", true,
     Severity::kMedium, "T1055.008",
     "A container asks for SYS_PTRACE in ptrace(2), process_vm_readv(2), process_vm_writev(2) or "
     "pidfd_getfd(2), unless that is normal for it.",
     "The kernel asks for SYS_PTRACE where the other process has another user or more "
     "capabilities. Whether it belongs to another container is not in the event."},
    {kRuleHandle, 1, "File opened by handle", "new_capability denied_capability escape", true,
     Severity::kMedium, "T1611",
     "A container opens a file by handle (open_by_handle_at(2)) with DAC_READ_SEARCH, which passes "
     "over its mounts, unless that is normal for it.",
     "Which file it was."},
    {kRuleMemoryDevice, 1, "Physical memory or I/O ports",
     "new_capability denied_capability escape", true, Severity::kMedium, "T1611",
     "A container opens /dev/mem or a device like it, or gains I/O ports, with SYS_RAWIO, unless "
     "that is normal for it.",
     "Which device it was: the event has the system call, not the path."},
    {kRuleBpf, 1, "BPF in a container", "new_capability denied_capability escape", true,
     Severity::kMedium, "T1014",
     "A container calls bpf(2) with BPF, PERFMON or SYS_ADMIN, unless that is normal for it."},
    {kRuleSequence, 1, "Several ways out of a container", "escape", false, Severity::kCritical,
     "T1611",
     "One container made calls of at least two of the rules CM011 to CM016 within 10 minutes."},
    {kRuleFromMemory, 1, "Code from memory", "from_memory", true, Severity::kMedium, "T1620",
     "A program that runs from memory (memfd_create(2)) or from a detached mount asks for a "
     "capability; at least high where it is granted."},
    {kRuleLeftCgroup, 1, "Left its cgroup", "left_cgroup", false, Severity::kHigh, "T1611 T1562",
     "A process moved out of the cgroup of its container to that of another one or of the host."},
    {kRuleLost, 1, "Evidence lost", "evidence_lost", false, Severity::kMedium, "T1562",
     "Checks of a container, or of all, were not recorded: a use may have been missed."},
    {kRuleHealth, 1, "capmond does not see", "health", false, Severity::kHigh, "T1562",
     "capmond's own check was not counted in time, or the map of counters is full."},
    {kRulePosture, 1, "Held and not needed", "posture", true, Severity::kInfo, "",
     "Once a day: a running container holds capabilities that its stable profile shows not to be "
     "needed."},
    {kFeedRule, 1, "Alerts held back or lost", "feed", false, Severity::kMedium, "",
     "Alerts were held back by the limits, or a receiver did not get them: the message says how "
     "many."},
};

std::string ReferenceOf(const Container& container) {
  constexpr size_t kShortId = 12;
  if (container.kind == ContainerKind::kContainer && container.id.size() > kShortId)
    return container.id.substr(0, kShortId);
  return container.name.empty() ? container.id : container.name;
}

std::string SeverityText(const AlertRule& rule) {
  return rule.by_capability ? "by capability" : Name(rule.severity);
}

}  // namespace

std::span<const AlertRule> AlertRules() { return kRules; }

const AlertRule* FindAlertRule(std::string_view id) {
  const auto* const found = std::ranges::find(
      kRules, id, [](const AlertRule& rule) { return std::string_view(rule.id); });
  return found == std::end(kRules) ? nullptr : found;
}

void ApplyRule(std::string_view id, Alert& alert) {
  const AlertRule* const rule = FindAlertRule(id);
  if (rule == nullptr) return;
  alert.rule = rule->id;
  alert.rule_version = rule->version;
  alert.rule_name = rule->name;
  alert.techniques = TechniquesOf(std::string_view(rule->techniques));
  if (alert.has_capability) AddTechniques(alert.techniques, TechniquesOf(alert.capability));
}

void AddContainer(const Container& container, Alert& alert) {
  alert.container = container;
  const std::string reference = ReferenceOf(container);
  if (reference.empty())
    alert.next = "capmon status";
  else if (alert.has_capability)
    alert.next =
        fmt::format("capmon explain {} {}", reference, ShortCapabilityName(alert.capability));
  else
    alert.next = fmt::format("capmon profile {}", reference);
}

void AddExec(const ProcessExec& exec, Alert& alert) {
  alert.syscall = "execve";
  alert.pid = exec.pid;
  alert.process.name = exec.comm;
  alert.process.uid = exec.uid;
  alert.process.euid = exec.euid;
  alert.process.sets_known = true;
  alert.process.effective = exec.effective;
  alert.process.permitted = exec.permitted;
  alert.process.bounding = exec.bounding;
}

void AddBaseline(const Profile& profile, Alert& alert) {
  if (profile.baseline == 0) return;
  alert.baseline = profile.baseline < profile.observed_from ? "workload" : "container";
  alert.baseline_set = profile.baseline;
}

Alert AboutContainer(AlertKind kind, const char* rule, const Container& container,
                     const std::string& subject, TimeNs now) {
  Alert alert;
  alert.kind = kind;
  alert.has_capability = false;
  alert.id =
      fmt::format("{}:{}{}{}", Name(kind), subject, subject.empty() ? "" : ":", container.key);
  ApplyRule(rule, alert);
  AddContainer(container, alert);
  if (const AlertRule* const known = FindAlertRule(rule)) alert.severity = known->severity;
  alert.first = alert.last = now;
  alert.count = 1;
  return alert;
}

std::string AlertRulesAsMarkdown() {
  std::string text =
      "| Rule | Name | Kind of alert | Severity | ATT&CK | Raised when "
      "|\n|---|---|---|---|---|---|\n";
  for (const AlertRule& rule : AlertRules()) {
    std::string kinds = rule.kinds;
    for (size_t at = 0; (at = kinds.find(' ', at)) != std::string::npos; at += 4)
      kinds.replace(at, 1, "`, `");
    text += fmt::format(
        "| {} v{} | {} | `{}` | {} | {} | {}{}{} |\n", rule.id, rule.version, rule.name, kinds,
        SeverityText(rule), *rule.techniques == '\0' ? "of the capability" : rule.techniques,
        rule.description, *rule.cannot_see == '\0' ? "" : " Limit: ", rule.cannot_see);
  }
  return text;
}

}  // namespace capmon
