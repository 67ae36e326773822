// SPDX-License-Identifier: Apache-2.0
// A seccomp filter that replaces the engine's default: the default without the calls that only the
// removed capabilities allow. It denies everything that the default denies, except calls that were
// seen and that the filter allowed then, such as those of a program in its own user namespace.
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

// Ignores verdicts of checks that do not count: the runtime runs before the filter is set, and a
// fork checks SYS_ADMIN without effect.
bool IsIrrelevant(const std::string& verdict) {
  return verdict == "noise" || verdict == "runtime-only" || verdict == "foreign";
}

// Returns whether `verdict` means a call that works with the recommended set: a call that failed
// when it was seen, or fails for a capability that is not kept, fails with and without the filter.
bool Counts(const std::string& verdict, bool kept) {
  return !IsIrrelevant(verdict) && (kept || (verdict != "missing" && verdict != "tried"));
}

// Returns whether the kernel denied a check in the call and nothing shows that it went on.
bool WasDenied(const v1::Evidence& evidence) {
  return !evidence.granted() &&
         (evidence.verdict() == "own-namespace" || evidence.verdict() == "review");
}

// A fork beyond the limit of processes makes the same check and creates no namespace.
bool IsFork(const v1::Evidence& evidence) { return evidence.site() == "copy_process"; }

std::set<std::string> CallsSeen(const ArtefactInput& input) {
  std::set<std::string> seen;
  for (const v1::CapabilityVerdict& verdict : input.profile.capabilities()) {
    const auto capability = ParseCapability(verdict.capability());
    const bool kept = capability && input.keep.Has(*capability);
    for (const v1::Evidence& evidence : verdict.evidence())
      if (evidence.phase() != "runtime" && Counts(evidence.verdict(), kept) && !IsFork(evidence) &&
          !WasDenied(evidence))
        seen.insert(evidence.syscall());
    if (verdict.evidence().empty() && Counts(verdict.verdict(), kept))
      seen.insert(verdict.syscalls().begin(), verdict.syscalls().end());
  }
  std::erase_if(seen, [](const std::string& name) { return !IsCallName(name); });
  return seen;
}

// Every architecture of this machine: a filter kills calls of architectures that it does not list.
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

// Adds calls that depend on their arguments. New namespaces need SYS_ADMIN, as in unshare(2).
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

// One line per rule: there are hundreds of names.
std::string Document(const Json& rules) {
  std::string text = absl::StrCat(
      "{\n  \"defaultAction\": \"SCMP_ACT_ERRNO\",\n  \"architectures\": ", Architectures().dump(),
      ",\n  \"syscalls\": [");
  for (const Json& rule : rules)
    absl::StrAppend(&text, text.ends_with('[') ? "\n    " : ",\n    ", rule.dump());
  return text + "\n  ]\n}\n";
}

}  // namespace

Rendered SeccompProfile(const ArtefactInput& input) {
  std::set<std::string> seen = CallsSeen(input);
  const bool new_namespaces =
      input.keep.Has(CAP_SYS_ADMIN) || seen.contains("clone") || seen.contains("clone3");
  Json rules = Json::array({Allow(CallsForAll(), "")});
  AddCallsWithConditions(new_namespaces, rules);
  std::set<std::string> opened = CallsForAll();
  opened.insert({"socket", "personality", "clone", "clone3"});
  for (const auto& [capability, calls] : CallsOpenedBy(input.keep)) {
    rules.push_back(Allow(calls, absl::StrCat(capability, " is kept")));
    opened.insert(calls.begin(), calls.end());
  }
  std::erase_if(seen, [&](const std::string& call) { return opened.contains(call); });
  if (!seen.empty()) rules.push_back(Allow(seen, "seen in use"));
  Rendered rendered{Document(rules)};
  rendered.notes.push_back(
      "this replaces the default filter of Docker and containerd: it has the same calls, without "
      "those that only the removed capabilities allow, and with those that were seen");
  if (!input.filtered)
    rendered.notes.push_back(
        "it did not run under a filter; the default denies some calls that cause no capability "
        "check and so were not seen, such as io_uring, or unshare of a user namespace alone: test "
        "it before you rely on it");
  return rendered;
}

}  // namespace capmon
