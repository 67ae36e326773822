// SPDX-License-Identifier: Apache-2.0
#include "client/run/confinement.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace capmon {
namespace {

constexpr int kWords = _LINUX_CAPABILITY_U32S_3;

CapabilitySet Permitted() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[kWords] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return {};
  return CapabilitySet(uint64_t{data[1].permitted} << 32 | data[0].permitted);
}

CapabilitySet Bounding() {
  CapabilitySet set;
  for (int c = 0; c < kMaxCapabilities; ++c)
    if (::prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1) set.Add(static_cast<Capability>(c));
  return set;
}

bool SetTo(CapabilitySet set) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[kWords] = {};
  for (int word = 0; word < kWords; ++word) {
    const auto bits = static_cast<uint32_t>(set.bits() >> (32 * word));
    data[word] = {.effective = bits, .permitted = bits, .inheritable = bits};
  }
  return ::syscall(SYS_capset, &header, data) == 0;
}

}  // namespace

absl::Status CanConfine(CapabilitySet keep) {
  const CapabilitySet ours = Permitted() & Bounding();
  std::vector<std::string> lacking;
  for (const Capability c : (keep - ours).members()) lacking.push_back(ShortCapabilityName(c));
  if (!lacking.empty())
    return absl::PermissionDeniedError(
        absl::StrCat("the command cannot be given ", absl::StrJoin(lacking, ", "),
                     ", which capmon itself does not have; run capmon as root"));
  if (!Permitted().Has(CAP_SETPCAP) && !(Bounding() - keep).empty())
    return absl::PermissionDeniedError(
        "capmon cannot drop capabilities of the command without SETPCAP; run capmon as root");
  return absl::OkStatus();
}

int Confine(const Confinement& confinement) {
  // Drops from the bounding set first: that needs SETPCAP, which may be dropped later.
  for (int c = 0; c < kMaxCapabilities; ++c) {
    if (confinement.keep.Has(static_cast<Capability>(c))) continue;
    if (::prctl(PR_CAPBSET_READ, c, 0, 0, 0) != 1) continue;
    if (::prctl(PR_CAPBSET_DROP, c, 0, 0, 0) != 0) return errno;
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return errno;
  if (!SetTo(confinement.keep)) return errno;
  if (!confinement.no_new_privileges) return 0;
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

}  // namespace capmon
