// SPDX-License-Identifier: Apache-2.0
// System calls behind capabilities that are removed. Only such as do nothing for anybody without
// the capability, so that denying them changes no program's fate; what was seen to be asked for in
// a user namespace of the workload's own, say, is left alone.
#include <linux/capability.h>

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/render/artefact/kinds.h"

namespace capmon {
namespace {

struct Behind {
  Capability capability;
  std::vector<const char*> calls;
};

const std::vector<Behind>& CallsBehind() {
  static const std::vector<Behind> kCalls = {
      {CAP_DAC_READ_SEARCH, {"open_by_handle_at"}},
      {CAP_SYS_MODULE, {"delete_module", "finit_module", "init_module"}},
      {CAP_SYS_RAWIO, {"ioperm", "iopl"}},
      {CAP_SYS_CHROOT, {"chroot"}},
      {CAP_SYS_PACCT, {"acct"}},
      {CAP_SYS_ADMIN,
       {"fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "pivot_root",
        "setdomainname", "sethostname", "swapoff", "swapon", "umount", "umount2"}},
      {CAP_SYS_BOOT, {"kexec_file_load", "kexec_load", "reboot"}},
      {CAP_SYS_TIME, {"clock_settime", "clock_settime64", "settimeofday", "stime"}},
      {CAP_SYS_TTY_CONFIG, {"vhangup"}},
  };
  return kCalls;
}

std::set<std::string> CallsSeen(const v1::Profile& profile) {
  std::set<std::string> seen;
  for (const v1::CapabilityVerdict& verdict : profile.capabilities())
    seen.insert(verdict.syscalls().begin(), verdict.syscalls().end());
  return seen;
}

// All through which this machine runs programs: a filter kills those it does not know of.
Json Architectures() {
#if defined(__x86_64__)
  return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
#elif defined(__aarch64__)
  return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
#else
  return Json::array();
#endif
}

}  // namespace

Written SeccompProfile(const Subject& subject) {
  constexpr int kEperm = 1;
  const std::set<std::string> seen = CallsSeen(subject.profile);
  Json rules = Json::array();
  for (const auto& [capability, calls] : CallsBehind()) {
    if (!subject.removed.Has(capability)) continue;
    Json names = Json::array();
    for (const char* call : calls)
      if (!seen.contains(call)) names.push_back(call);
    if (names.empty()) continue;
    rules.push_back({{"names", names},
                     {"action", "SCMP_ACT_ERRNO"},
                     {"errnoRet", kEperm},
                     {"comment", absl::StrCat(CapabilityName(capability), " is removed")}});
  }
  const Json profile = {
      {"defaultAction", "SCMP_ACT_ALLOW"}, {"architectures", Architectures()}, {"syscalls", rules}};
  return {profile.dump(2) + "\n",
          {"this denies what is of no use without the removed capabilities and allows all else; an "
           "engine's default profile denies more: add these rules to it rather than replace it"}};
}

}  // namespace capmon
