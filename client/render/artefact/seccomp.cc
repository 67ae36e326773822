// SPDX-License-Identifier: Apache-2.0
// A filter of system calls in the place of the engine's default: the default, without what the
// capabilities that are removed open in it. It refuses all that the default refuses, but for calls
// that were seen: those the filter of the time let through, such as what a program does in a user
// namespace of its own.
#include <linux/capability.h>
#include <linux/sched.h>

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/render/artefact/default_filter.h"
#include "client/render/artefact/kinds.h"

namespace capmon {
namespace {

constexpr int kNotThere = 38;  // ENOSYS: the C library falls back from clone3 to clone

bool IsCallName(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

// The runtime works before the filter is set, and a fork checks SYS_ADMIN without effect.
bool SaysNothing(const std::string& verdict) {
  return verdict == "noise" || verdict == "runtime-only" || verdict == "foreign";
}

// Whether `verdict` means a call that works in the container as it will be: one that failed for a
// capability it does not get fails with and without the filter.
bool Counts(const std::string& verdict, bool kept) {
  return !SaysNothing(verdict) && (kept || verdict != "missing");
}

// A fork beyond the limit of processes makes the check as well, and creates no namespace.
bool IsFork(const v1::Evidence& evidence) { return evidence.site() == "copy_process"; }

std::set<std::string> CallsSeen(const Subject& subject) {
  std::set<std::string> seen;
  for (const v1::CapabilityVerdict& verdict : subject.profile.capabilities()) {
    const auto capability = ParseCapability(verdict.capability());
    const bool kept = capability && subject.keep.Has(*capability);
    for (const v1::Evidence& evidence : verdict.evidence())
      if (evidence.phase() != "runtime" && Counts(evidence.verdict(), kept) && !IsFork(evidence))
        seen.insert(evidence.syscall());
    if (verdict.evidence().empty() && Counts(verdict.verdict(), kept))
      seen.insert(verdict.syscalls().begin(), verdict.syscalls().end());
  }
  std::erase_if(seen, [](const std::string& name) { return !IsCallName(name); });
  return seen;
}

// All architectures this machine runs: a filter kills the ones it does not list.
Json Architectures() {
#if defined(__x86_64__)
  return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
#elif defined(__aarch64__)
  return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
#else
  return Json::array();
#endif
}

Json Allow(Json names, const std::string& comment) {
  Json rule = {{"names", std::move(names)}, {"action", "SCMP_ACT_ALLOW"}};
  if (!comment.empty()) rule["comment"] = comment;
  return rule;
}

Json AllowIf(const char* name, const char* comparison, uint64_t value) {
  Json rule = Allow({name}, "");
  rule["args"] = Json::array({{{"index", 0}, {"value", value}, {"op", comparison}}});
  return rule;
}

// What depends on the arguments. New namespaces take SYS_ADMIN, as unshare(2) does.
void AddCallsWithConditions(bool new_namespaces, Json& rules) {
  constexpr uint64_t kVsock = 40;
  rules.push_back(AllowIf("socket", "SCMP_CMP_NE", kVsock));
  constexpr uint64_t kDomains[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
  for (const uint64_t domain : kDomains)
    rules.push_back(AllowIf("personality", "SCMP_CMP_EQ", domain));
  if (new_namespaces) return rules.push_back(Allow({"clone", "clone3"}, "with new namespaces"));
  constexpr uint64_t kNew = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                            CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  rules.push_back(AllowIf("clone", "SCMP_CMP_MASKED_EQ", kNew));
  rules.back()["args"][0]["valueTwo"] = 0;
  rules.push_back({{"names", {"clone3"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", kNotThere}});
}

// A rule a line: there are hundreds of names.
std::string Document(const Json& rules) {
  std::string text = absl::StrCat(
      "{\n  \"defaultAction\": \"SCMP_ACT_ERRNO\",\n  \"architectures\": ", Architectures().dump(),
      ",\n  \"syscalls\": [");
  for (const Json& rule : rules)
    absl::StrAppend(&text, text.ends_with('[') ? "\n    " : ",\n    ", rule.dump());
  return text + "\n  ]\n}\n";
}

}  // namespace

Written SeccompProfile(const Subject& subject) {
  std::set<std::string> seen = CallsSeen(subject);
  const bool new_namespaces =
      subject.keep.Has(CAP_SYS_ADMIN) || seen.contains("clone") || seen.contains("clone3");
  Json rules = Json::array({Allow(CallsForAll(), "")});
  AddCallsWithConditions(new_namespaces, rules);
  std::set<std::string> opened = CallsForAll();
  opened.insert({"socket", "personality", "clone", "clone3"});
  for (const auto& [capability, calls] : CallsOpenedBy(subject.keep)) {
    rules.push_back(Allow(calls, absl::StrCat(capability, " is kept")));
    opened.insert(calls.begin(), calls.end());
  }
  std::erase_if(seen, [&](const std::string& call) { return opened.contains(call); });
  if (!seen.empty()) rules.push_back(Allow(seen, "seen in use"));
  Written written{Document(rules)};
  written.notes.push_back(
      "this replaces the default filter of Docker and containerd: it has the same calls, without "
      "those that only the removed capabilities allow, and with those that were seen");
  if (!subject.filtered)
    written.notes.push_back(
        "it did not run under a filter; the default denies some calls that cause no capability "
        "check and so were not seen, such as io_uring, or unshare of a user namespace alone: test "
        "it before you rely on it");
  return written;
}

}  // namespace capmon
