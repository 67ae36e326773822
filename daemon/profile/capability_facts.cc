// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/capability_facts.h"

#include <linux/capability.h>

namespace capmon {

bool IsCommonplace(Capability capability) {
  static constexpr CapabilitySet kCommonplace = {
      CAP_AUDIT_WRITE, CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,          CAP_FSETID,
      CAP_KILL,        CAP_MKNOD,  CAP_NET_RAW,      CAP_SETFCAP,         CAP_SETGID,
      CAP_SETPCAP,     CAP_SETUID, CAP_SYS_CHROOT,   CAP_NET_BIND_SERVICE};
  return kCommonplace.Has(capability);
}

int PowerOf(Capability capability) {
  static constexpr CapabilitySet kHarmless = {
      CAP_NET_BIND_SERVICE, CAP_NET_BROADCAST, CAP_LEASE,
      CAP_WAKE_ALARM,       CAP_BLOCK_SUSPEND, CAP_AUDIT_WRITE};
  static constexpr CapabilitySet kLocal = {
      CAP_FSETID,    CAP_FOWNER,          CAP_CHOWN,         CAP_KILL,
      CAP_IPC_LOCK,  CAP_IPC_OWNER,       CAP_SYS_CHROOT,    CAP_SYS_NICE,
      CAP_SYS_PACCT, CAP_LINUX_IMMUTABLE, CAP_SYS_TTY_CONFIG};
  static constexpr CapabilitySet kStrong = {
      CAP_SYS_PTRACE,    CAP_BPF,      CAP_NET_ADMIN, CAP_CHECKPOINT_RESTORE,
      CAP_AUDIT_CONTROL, CAP_SYS_BOOT, CAP_SETFCAP};
  static constexpr CapabilitySet kTotal = {CAP_SYS_ADMIN, CAP_SYS_MODULE, CAP_SYS_RAWIO,
                                           CAP_MAC_ADMIN, CAP_MAC_OVERRIDE};
  if (kHarmless.Has(capability)) return 1;
  if (kLocal.Has(capability)) return 2;
  if (kTotal.Has(capability)) return 5;
  return kStrong.Has(capability) ? 4 : 3;
}

std::string JoinNames(const std::vector<Capability>& capabilities, const char* last_joint) {
  std::string text;
  for (size_t i = 0; i < capabilities.size(); ++i) {
    if (i > 0) text += i + 1 == capabilities.size() ? last_joint : ", ";
    text += ShortCapabilityName(capabilities[i]);
  }
  return text;
}

}  // namespace capmon
