// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/user_namespace.h"

#include <fmt/format.h>

#include "daemon/alert/rules.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/program_files.h"

namespace capmon {
namespace {

// The number of capabilities since Linux 3.5, the fewest of a kernel that capmond runs on.
constexpr int kAll = 37;

std::string NameOf(const std::string& path) {
  return fmt::format("namespace user {}", path.substr(path.rfind('/') + 1));
}

Alert About(const Profile& profile, const std::string& binary, TimeNs now) {
  Alert alert = AboutContainer(AlertKind::kUserNamespace, kRuleUserNamespace, profile.container,
                               NameOf(binary), now);
  AddBaseline(profile, alert);
  alert.binary = binary;
  alert.message = fmt::format(
      "{}: {} has all capabilities in a user namespace that the container made; they reach only "
      "what belongs to that namespace, and parts of the kernel that are otherwise out of reach",
      profile.container.name, binary.empty() ? "a program" : binary);
  return alert;
}

bool IsNews(const Profile& profile, const std::string& use) {
  return profile.baseline != 0 && !profile.earlier_uses.contains(use);
}

}  // namespace

std::optional<std::string> UseOfNamespace(const Profile& profile, const ProcessExec& exec) {
  const bool made = !exec.existing && IsWorkload(profile.container, exec.exe_origin) &&
                    InOwnNamespace(profile, exec.userns_level) && exec.permitted.size() >= kAll;
  return made ? std::optional(NameOf(exec.path)) : std::nullopt;
}

std::optional<std::string> UseOfNamespace(const JudgedEvidence& judged) {
  if (!judged.evidence.key.granted || judged.verdict != Verdict::kOwnNamespace) return std::nullopt;
  return NameOf(judged.evidence.binary);
}

std::optional<Alert> AlertForNamespace(const Profile& before, const ProcessExec& exec) {
  const auto use = UseOfNamespace(before, exec);
  if (!use || !IsNews(before, *use)) return std::nullopt;
  Alert alert = About(before, exec.path, exec.time);
  AddExec(exec, alert);
  return alert;
}

std::optional<Alert> AlertForNamespace(const Profile& profile, const JudgedEvidence& judged,
                                       TimeNs now) {
  const auto use = UseOfNamespace(judged);
  if (!use || !IsNews(profile, *use)) return std::nullopt;
  Alert alert = About(profile, judged.evidence.binary, now);
  alert.count = judged.evidence.counts.count;
  alert.site = judged.evidence.key.site;
  alert.syscall = judged.evidence.key.syscall;
  alert.pid = judged.evidence.pid;
  alert.process.name = judged.evidence.comm;
  return alert;
}

}  // namespace capmon
