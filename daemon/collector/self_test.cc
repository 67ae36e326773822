// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/self_test.h"

#include <sys/capability.h>
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

// A record that another CPU is still writing hides all behind it, and for one preempted there that
// takes a while; also a program may be skipped while another runs on the same CPU.
constexpr int kAttempts = 20;
constexpr useconds_t kPause = 25'000;

// One check of CAP_SETUID, and no change. Filters of runtimes and of the systemd unit allow the
// call without a capability; most others that make a check never reach it there.
void AskToSetUser() { syscall(SYS_setuid, geteuid()); }

// Runs `function` with CAP_SETUID taken out of the effective set, if it was there.
void WithoutSetuid(const std::function<void()>& function) {
  const ProcessCaps before(cap_get_proc());
  const ProcessCaps reduced(cap_dup(before.get()));
  const cap_value_t setuid = CAP_SETUID;
  cap_set_flag(reduced.get(), CAP_EFFECTIVE, 1, &setuid, CAP_CLEAR);
  cap_set_proc(reduced.get());
  function();
  cap_set_proc(before.get());
}

bool HoldsSetuid() {
  const ProcessCaps caps(cap_get_proc());
  cap_flag_value_t held = CAP_CLEAR;
  cap_get_flag(caps.get(), CAP_SETUID, CAP_EFFECTIVE, &held);
  return held == CAP_SET;
}

bool Is(const capmon_check_record& record, int syscall, Capability capability, bool granted) {
  return record.key.syscall == syscall && record.key.capability == capability &&
         record.key.granted == granted;
}

}  // namespace

absl::StatusOr<SelfTestResult> RunSelfTest(
    const std::function<void(const RecordVisitor&)>& collect) {
  // Each `ask` ends with AskToSetUser(): once that is seen, all before it has been.
  const auto seen = [&](const std::function<void()>& ask, bool granted, const RecordVisitor& also) {
    bool found = false;
    for (int attempt = 0; attempt < kAttempts && !found; ++attempt) {
      if (attempt > 0) usleep(kPause);
      ask();
      collect([&](const capmon_check_record& record) {
        also(record);
        found |= Is(record, SYS_setuid, CAP_SETUID, granted);
      });
    }
    return found;
  };
  const bool held = HoldsSetuid();
  const int securebits = prctl(PR_GET_SECUREBITS);
  bool set = false;
  bool sees_securebits = false;
  const auto ask = [&] {
    set = prctl(PR_SET_SECUREBITS, securebits) == 0;
    AskToSetUser();
  };
  const bool answered = seen(ask, held, [&](const capmon_check_record& record) {
    sees_securebits |= Is(record, SYS_prctl, CAP_SETPCAP, set);
  });
  if (held && !answered)
    return absl::UnavailableError("attached, but capmond's own granted check was not counted");
  if (!seen([] { WithoutSetuid(AskToSetUser); }, false, [](const capmon_check_record&) {}))
    return absl::UnavailableError("attached, but capmond's own denied check was not counted");
  SelfTestResult result;
  if (!sees_securebits)
    result.blind_spots.push_back(
        "changes of securebits and of inheritable sets: the compiler of this kernel inlined the "
        "check, so a need of CAP_SETPCAP for them is not seen");
  return result;
}

}  // namespace capmon
