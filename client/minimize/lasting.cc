// SPDX-License-Identifier: Apache-2.0
#include "client/minimize/lasting.h"

#include <linux/capability.h>

namespace capmon {

CapabilitySet LastingInFiles() {
  return {CAP_CHOWN,           CAP_DAC_OVERRIDE, CAP_FOWNER,  CAP_FSETID,
          CAP_LINUX_IMMUTABLE, CAP_MKNOD,        CAP_SETFCAP, CAP_MAC_ADMIN};
}

void AddLasting(CapabilitySet set, const std::string& why, Lasting& lasting) {
  for (const Capability c : set.members()) lasting.emplace(c, why);
}

void AddLastingOnHost(Lasting& lasting) {
  AddLasting({CAP_SYS_MODULE, CAP_SYS_TIME, CAP_SYSLOG, CAP_AUDIT_CONTROL, CAP_MAC_ADMIN, CAP_BPF,
              CAP_SYS_RAWIO},
             "what it does lasts on this machine, so a run without it may pass because of an "
             "earlier one",
             lasting);
}

void ApplyLasting(const Lasting& lasting, std::vector<TrialCandidate>& candidates) {
  for (TrialCandidate& candidate : candidates)
    if (const auto found = lasting.find(candidate.capability); found != lasting.end())
      candidate.lasting = found->second;
}

}  // namespace capmon
