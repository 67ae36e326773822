// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/escape.h"

#include <linux/capability.h>

#include <algorithm>
#include <initializer_list>

#include "daemon/alert/rules.h"

namespace capmon {
namespace {

bool IsOneOf(const std::string& syscall, std::initializer_list<std::string_view> calls) {
  return std::ranges::find(calls, syscall) != calls.end();
}

const char* RuleOfAdmin(const std::string& syscall) {
  if (syscall == "bpf") return kRuleBpf;
  const bool out = IsOneOf(syscall, {"mount", "fsopen", "fspick", "fsmount", "move_mount",
                                     "open_tree", "mount_setattr", "pivot_root", "setns"});
  return out ? kRuleMount : nullptr;
}

}  // namespace

const char* EscapeRuleOf(const CheckKey& key) {
  const std::string& call = key.syscall;
  switch (key.capability) {
    case CAP_SYS_ADMIN: return RuleOfAdmin(call);
    case CAP_BPF:
    case CAP_PERFMON: return call == "bpf" ? kRuleBpf : nullptr;
    // The kernel also asks for it before it loads a driver by itself, for any program.
    case CAP_SYS_MODULE:
      return IsOneOf(call, {"init_module", "finit_module", "delete_module"}) ? kRuleModule
                                                                             : nullptr;
    // ps and its like read /proc, where a denial changes little.
    case CAP_SYS_PTRACE:
      return IsOneOf(call, {"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"})
                 ? kRulePtrace
                 : nullptr;
    case CAP_DAC_READ_SEARCH: return call == "open_by_handle_at" ? kRuleHandle : nullptr;
    case CAP_SYS_RAWIO:
      return IsOneOf(call, {"open", "openat", "openat2", "iopl", "ioperm"}) ? kRuleMemoryDevice
                                                                            : nullptr;
    default: return nullptr;
  }
}

bool IsEscapeRule(std::string_view rule) {
  return std::string_view(kRuleMount) <= rule && rule <= std::string_view(kRuleBpf);
}

}  // namespace capmon
