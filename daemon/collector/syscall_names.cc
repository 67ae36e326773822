// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/syscall_names.h"

#include <seccomp.h>

#include <cstdlib>
#include <memory>

namespace capmon {
namespace {

uint32_t Architecture(bool compat) {
  if (!compat) return seccomp_arch_native();
  return seccomp_arch_native() == SCMP_ARCH_AARCH64 ? SCMP_ARCH_ARM : SCMP_ARCH_X86;
}

}  // namespace

std::string SyscallName(int number, bool compat) {
  const std::unique_ptr<char, decltype(&std::free)> name(
      seccomp_syscall_resolve_num_arch(Architecture(compat), number), &std::free);
  return name ? std::string(name.get()) : "syscall_" + std::to_string(number);
}

int SyscallNumber(const std::string& name, bool compat) {
  return seccomp_syscall_resolve_name_arch(Architecture(compat), name.c_str());
}

}  // namespace capmon
