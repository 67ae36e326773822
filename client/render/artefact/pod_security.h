// SPDX-License-Identifier: Apache-2.0
// What the levels of Pod Security admission let a container add.
#pragma once

#include <linux/capability.h>

#include "daemon/model/capability.h"

namespace capmon {

inline constexpr CapabilitySet kRestrictedAdds = {CAP_NET_BIND_SERVICE};
inline constexpr CapabilitySet kBaselineAdds = {
    CAP_AUDIT_WRITE, CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID,
    CAP_KILL,        CAP_MKNOD,  CAP_SETFCAP,      CAP_SETGID, CAP_NET_BIND_SERVICE,
    CAP_SETPCAP,     CAP_SETUID, CAP_SYS_CHROOT};

}  // namespace capmon
