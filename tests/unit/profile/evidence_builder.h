// SPDX-License-Identifier: Apache-2.0
// Builds evidence for tests.
#pragma once

#include <linux/capability.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// A check of a container's own program with its own credentials; held if granted.
class Check {
 public:
  Check(Capability capability, bool granted, std::string site, std::string syscall) {
    evidence_.key.capability = capability;
    evidence_.key.granted = granted;
    evidence_.key.traits = granted ? kHeld : 0;
    evidence_.key.exe_origin = ExeOrigin::kOwn;
    evidence_.key.exe = 1;
    evidence_.key.site = site;
    evidence_.key.syscall = std::move(syscall);
    evidence_.counts.count = 1;
    Under({std::move(site)});
    evidence_.binary = "program";
    evidence_.pid = 100;
    evidence_.first = evidence_.last = 1;
  }

  Check& Succeeded(uint64_t times = 1) {
    evidence_.counts.succeeded = times;
    return Times(times);
  }
  Check& Failed(int number, uint64_t times = 1) {
    evidence_.counts.failed = times;
    evidence_.counts.errnos |= uint64_t{1} << (number < 63 ? number : 63);
    return Times(times);
  }
  Check& Times(uint64_t times) {
    evidence_.counts.count = times;
    return *this;
  }
  Check& Under(const CallStack& callers) {
    evidence_.stacks = {callers};
    evidence_.callers = callers;
    return *this;
  }
  Check& By(std::string binary, uint32_t exe = 1) {
    evidence_.binary = std::move(binary);
    evidence_.key.exe = exe;
    return *this;
  }
  Check& From(ExeOrigin origin) {
    evidence_.key.exe_origin = origin;
    return *this;
  }
  Check& With(uint16_t traits) {
    evidence_.key.traits |= traits;
    return *this;
  }
  Check& Without(uint16_t traits) {
    evidence_.key.traits &= static_cast<uint16_t>(~traits);
    return *this;
  }
  Check& AtLevel(uint8_t level) {
    evidence_.key.target_level = level;
    return *this;
  }
  // With credentials of a user namespace at this depth.
  Check& AskedAt(uint8_t level) {
    evidence_.key.cred_depth = static_cast<uint8_t>(level + 1);
    return *this;
  }
  Check& As(uint32_t uid) {
    evidence_.uid = uid;
    return *this;
  }
  Check& At(TimeNs time) {
    evidence_.first = evidence_.last = time;
    return *this;
  }
  const CheckEvidence& evidence() const { return evidence_; }

 private:
  CheckEvidence evidence_;
};

inline Check Granted(Capability capability, std::string site, std::string syscall) {
  return Check(capability, true, std::move(site), std::move(syscall));
}
inline Check Refused(Capability capability, std::string site, std::string syscall) {
  return Check(capability, false, std::move(site), std::move(syscall));
}

// The memory-overcommit test, which has no facts about the task.
inline Check Overcommit(bool granted) {
  return Check(CAP_SYS_ADMIN, granted, "security_vm_enough_memory_mm", "")
      .By("", 0)
      .From(ExeOrigin::kUnknown)
      .Without(kHeld);
}

// A privileged container, watched from its start, with this evidence.
inline Profile Watched(const std::vector<Check>& checks,
                       CapabilitySet held = CapabilitySet((uint64_t{1} << 41) - 1)) {
  Profile profile;
  profile.container.kind = ContainerKind::kContainer;
  profile.container.key = "container";
  profile.container.name = "web";
  profile.held = HeldSets{held, held, {}, held, {}, 0, false, 0, 0, "/bin/sh"};
  profile.starts = 1;
  for (const Check& check : checks) {
    CheckEvidence& known = profile.checks[check.evidence().key];
    const CheckEvidence before = known;
    known = check.evidence();
    known.counts += before.counts;
    known.stacks.insert(before.stacks.begin(), before.stacks.end());
  }
  return profile;
}

inline JudgedEvidence Judged(const Check& check, const Profile& profile = Watched({})) {
  return JudgeEvidence(profile, CallSites::BuiltIn(), check.evidence());
}
inline Judgement Judged(const Profile& profile, const JudgeOptions& options = {}) {
  return Judge(profile, CallSites::BuiltIn(), options);
}
inline CapabilitySet Kept(const std::vector<Check>& checks) {
  return Judged(Watched(checks)).recommendation.keep;
}
// The row of one capability; empty if there is none.
inline CapabilityVerdict RowOf(const Judgement& judgement, Capability capability) {
  for (const CapabilityVerdict& row : judgement.capabilities)
    if (row.capability == capability) return row;
  return {};
}

}  // namespace capmon
