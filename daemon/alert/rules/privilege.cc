// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/privilege.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/alert/rules.h"
#include "daemon/alert/rules/severity.h"
#include "daemon/model/capability_facts.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/learn.h"
#include "daemon/profile/program_files.h"

namespace capmon {
namespace {

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string NameOfGain(const PrivilegeGain& gain) {
  return fmt::format("gain {} {}", gain.how == "set-user-ID" ? "setuid" : "file",
                     BaseName(gain.path));
}

// Uid 0 gets its sets back at every exec, which is no gain; nor is what no_new_privs blocked.
std::optional<PrivilegeGain> RealGain(const Profile& profile, const ProcessExec& exec) {
  if (exec.existing || !IsWorkload(profile.container, exec.exe_origin) ||
      InOwnNamespace(profile, exec.userns_level))
    return std::nullopt;
  std::optional<PrivilegeGain> gain = GainOf(exec);
  if (!gain || gain->blocked || gain->gained.empty() || gain->how == "root re-gain")
    return std::nullopt;
  return gain;
}

CapabilitySet AddedBy(const Profile& profile, const CapabilitiesSet& set) {
  if (!profile.held || set.refused || !IsWorkload(profile.container, set.exe_origin) ||
      InOwnNamespace(profile, set.userns_level))
    return {};
  return (set.inheritable - profile.held->inheritable) | (set.ambient - profile.held->ambient);
}

// The gravest capability stands for all in the alert's own field.
Alert About(const Profile& before, AlertKind kind, const char* rule, CapabilitySet set,
            const std::string& use, TimeNs now) {
  Alert alert;
  alert.kind = kind;
  alert.capability = ByWeight(set).front();
  alert.granted = true;
  alert.id = fmt::format("{}:{}:{}", Name(kind), use, before.container.key);
  ApplyRule(rule, alert);
  AddContainer(before.container, alert);
  AddBaseline(before, alert);
  alert.severity = std::max(SeverityOf(set), Severity::kLow);
  alert.first = alert.last = now;
  alert.count = 1;
  return alert;
}

std::string Listed(CapabilitySet set) { return JoinNames(ByWeight(set), " and "); }

}  // namespace

std::optional<std::string> UseOfGain(const Profile& profile, const ProcessExec& exec) {
  const std::optional<PrivilegeGain> gain = RealGain(profile, exec);
  return gain ? std::optional(NameOfGain(*gain)) : std::nullopt;
}

std::optional<std::string> UseOfRaise(const Profile& profile, const CapabilitiesSet& set) {
  if (AddedBy(profile, set).empty()) return std::nullopt;
  return fmt::format("raise {} {}", set.raises ? "ambient" : "inheritable", set.comm);
}

std::set<std::string> PrivilegeUses(const Profile& profile) {
  std::set<std::string> uses;
  for (const auto& [name, gain] : profile.gains)
    if (!gain.blocked && gain.how != "root re-gain") uses.insert(NameOfGain(gain));
  if (!profile.raised_by.empty())
    for (const char* const how : {"ambient", "inheritable"})
      uses.insert(fmt::format("raise {} {}", how, profile.raised_by));
  return uses;
}

std::optional<Alert> AlertForGain(const Profile& before, const ProcessExec& exec) {
  const std::optional<PrivilegeGain> gain = RealGain(before, exec);
  if (!gain) return std::nullopt;
  const std::string use = NameOfGain(*gain);
  if (before.earlier_uses.contains(use)) return std::nullopt;
  Alert alert =
      About(before, AlertKind::kPrivilegeGained, kRuleGained, gain->gained, use, exec.time);
  if (before.baseline == 0 && (alert.severity < Severity::kHigh || before.entry_pid == exec.pid))
    return std::nullopt;
  AddExec(exec, alert);
  alert.binary = exec.path;
  alert.message =
      fmt::format("{}: executing {} ({}) gave a process {}", before.container.name, exec.path,
                  gain->how == "set-user-ID" ? "a set-user-ID file" : "a file with capabilities",
                  Listed(gain->gained));
  return alert;
}

std::optional<Alert> AlertForRaise(const Profile& before, const CapabilitiesSet& set) {
  const CapabilitySet added = AddedBy(before, set);
  if (added.empty()) return std::nullopt;
  const std::string use = *UseOfRaise(before, set);
  if (before.earlier_uses.contains(use)) return std::nullopt;
  Alert alert = About(before, AlertKind::kPrivilegeRaised, kRuleRaised, added, use, set.time);
  if (before.baseline == 0 && (alert.severity < Severity::kHigh || before.entry_pid == set.pid))
    return std::nullopt;
  alert.syscall = set.raises ? "prctl" : "capset";
  alert.pid = set.pid;
  alert.process.name = set.comm;
  alert.message =
      fmt::format("{}: {} added {} to its {} set: programs that it executes keep {}",
                  before.container.name, set.comm, Listed(added),
                  set.raises ? "ambient" : "inheritable", added.size() == 1 ? "it" : "them");
  return alert;
}

}  // namespace capmon
