// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/self_test.h"

#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

#include "daemon/model/capability.h"

namespace capmon {
namespace {

struct CapFree {
  void operator()(_cap_struct* caps) const { cap_free(caps); }
};
using ProcessCaps = std::unique_ptr<_cap_struct, CapFree>;

// One check of CAP_SYS_ADMIN, then EINVAL: the name's length is impossible.
void AskToSetHostname() { syscall(SYS_sethostname, nullptr, -1L); }

// Runs `function` with CAP_SYS_ADMIN taken out of the effective set, if it was there.
void WithoutSysAdmin(const std::function<void()>& function) {
  const ProcessCaps before(cap_get_proc());
  const ProcessCaps reduced(cap_dup(before.get()));
  const cap_value_t sys_admin = CAP_SYS_ADMIN;
  cap_set_flag(reduced.get(), CAP_EFFECTIVE, 1, &sys_admin, CAP_CLEAR);
  cap_set_proc(reduced.get());
  function();
  cap_set_proc(before.get());
}

void MapSomeMemory() {
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) munmap(memory, 4096);
}

bool HoldsSysAdmin() {
  const ProcessCaps caps(cap_get_proc());
  cap_flag_value_t held = CAP_CLEAR;
  cap_get_flag(caps.get(), CAP_SYS_ADMIN, CAP_EFFECTIVE, &held);
  return held == CAP_SET;
}

}  // namespace

absl::StatusOr<SelfTestResult> RunSelfTest(
    const std::function<void(const RecordVisitor&)>& collect) {
  const auto seen = [&](int syscall, Capability capability, bool granted) {
    bool found = false;
    collect([&](const capmon_check_record& record) {
      const bool same_call = syscall < 0 || record.key.syscall == syscall;
      found |= same_call && record.key.capability == capability && record.key.granted == granted;
    });
    return found;
  };
  // A program may be skipped while another runs on the same CPU: one miss proves nothing.
  const auto seen_once = [&](const std::function<void()>& ask, bool granted) {
    for (int attempt = 0; attempt < 5; ++attempt) {
      ask();
      if (seen(SYS_sethostname, CAP_SYS_ADMIN, granted)) return true;
    }
    return false;
  };
  SelfTestResult result;
  if (HoldsSysAdmin()) {
    if (!seen_once([&] { AskToSetHostname(); }, true))
      return absl::UnavailableError("attached, but a granted check of its own went unseen");
  }
  if (!seen_once([&] { WithoutSysAdmin(AskToSetHostname); }, false))
    return absl::UnavailableError("attached, but a refused check of its own went unseen");

  MapSomeMemory();
  result.sees_overcommit = seen(-1, CAP_SYS_ADMIN, HoldsSysAdmin());
  const int securebits = prctl(PR_GET_SECUREBITS);
  const bool set = prctl(PR_SET_SECUREBITS, securebits) == 0;
  result.sees_securebits = seen(SYS_prctl, CAP_SETPCAP, set);
  if (!result.sees_securebits)
    result.blind_spots.push_back(
        "changes of securebits and of inheritable sets are checked inside a function this kernel's "
        "compiler inlined: their need of CAP_SETPCAP is not seen");
  return result;
}

}  // namespace capmon
