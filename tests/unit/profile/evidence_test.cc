// SPDX-License-Identifier: Apache-2.0
// The verdict on one piece of evidence: every class of call site, every answer, every result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "daemon/profile/evidence_verdict.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

Finding Assessed(const Check& check, const Profile& profile = Watched({})) {
  return Assess(profile, CallSites::BuiltIn(), check.evidence());
}

void ExpectVerdict(const Check& check, Verdict verdict, bool keep,
                   const Profile& profile = Watched({})) {
  const Finding finding = Assessed(check, profile);
  EXPECT_STREQ(Name(finding.judged.verdict), Name(verdict)) << finding.judged.reason;
  EXPECT_EQ(finding.keep, keep) << finding.judged.reason;
}

TEST(Required, GrantedAndSucceeded) {
  ExpectVerdict(Granted(CAP_NET_RAW, "packet_create", "socket").Succeeded(), Verdict::kRequired,
                true);
  ExpectVerdict(Granted(CAP_KILL, "check_kill_permission", "kill").Succeeded(), Verdict::kRequired,
                true);
}

TEST(Required, WhenTheOutcomeWasNotWatched) {
  ExpectVerdict(Granted(CAP_SYS_CHROOT, "__x64_sys_chroot", "chroot"), Verdict::kRequired, true);
}

TEST(Required, WhenTheOutcomeIsUndecided) {
  ExpectVerdict(Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Failed(EINTR),
                Verdict::kRequired, true);
  ExpectVerdict(Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Failed(512),
                Verdict::kRequired, true);
}

TEST(Required, NamesProgramSystemCallAndPurpose) {
  Profile profile = Watched({});
  profile.binaries[1] = "/usr/bin/ping";
  EXPECT_EQ(Judged(Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded(), profile).reason,
            "socket(2) by /usr/bin/ping, to open a raw or packet socket");
}

TEST(Tried, GrantedButFailedForAnotherReason) {
  ExpectVerdict(Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Failed(ENOENT),
                Verdict::kTried, false);
  EXPECT_THAT(Judged(Granted(CAP_SYS_BOOT, "__do_sys_reboot", "reboot").Failed(EINVAL)).reason,
              HasSubstr("EINVAL"));
}

TEST(Missing, RefusedAndFailedAsTheSiteFails) {
  ExpectVerdict(Refused(CAP_NET_BIND_SERVICE, "__inet_bind", "bind").Failed(EACCES),
                Verdict::kMissing, false);
  ExpectVerdict(Refused(CAP_IPC_LOCK, "do_mlock", "mlock").Failed(ENOMEM), Verdict::kMissing,
                false);
  ExpectVerdict(Refused(CAP_NET_RAW, "inet_create", "socket"), Verdict::kMissing, false);
}

TEST(Missing, NotWhenTheCallFailedForAnotherReason) {
  ExpectVerdict(Refused(CAP_NET_ADMIN, "dev_ioctl", "ioctl").Failed(ENODEV), Verdict::kTried,
                false);
}

TEST(Missing, NotWhenTheCallSucceededAllTheSame) {
  ExpectVerdict(Refused(CAP_SETUID, "__sys_setuid", "setuid").Succeeded(), Verdict::kNoise, false);
  ExpectVerdict(Refused(CAP_SETGID, "__sys_setgid", "setgid").Failed(EPERM), Verdict::kMissing,
                false);
  ExpectVerdict(Refused(CAP_SETUID, "__sys_setuid", "setuid"), Verdict::kProbed, false);
}

TEST(Conditional, GrantedBeforeSomethingCheaper) {
  const Finding finding =
      Assessed(Granted(CAP_PERFMON, "__do_sys_perf_event_open", "perf_event_open").Succeeded());
  EXPECT_EQ(finding.judged.verdict, Verdict::kConditional);
  EXPECT_EQ(finding.group, CapabilitySet({CAP_PERFMON, CAP_SYS_ADMIN}));
}

TEST(Conditional, SetuidIsSettledByItsOperand) {
  const Check setuid = Granted(CAP_SETUID, "__sys_setuid", "setuid").Succeeded();
  ExpectVerdict(setuid, Verdict::kRequired, true);
  ExpectVerdict(Check(setuid).With(kHarmless), Verdict::kNoise, false);
  ExpectVerdict(Check(setuid).With(kCompat), Verdict::kConditional, true);
}

TEST(Either, GrantedWhereAnotherWouldDo) {
  const Finding finding = Assessed(Granted(CAP_SYS_ADMIN, "ioprio_check_cap", "ioprio_set"));
  EXPECT_EQ(finding.judged.verdict, Verdict::kEither);
  EXPECT_EQ(finding.group, CapabilitySet({CAP_SYS_NICE, CAP_SYS_ADMIN}));
  ExpectVerdict(Granted(CAP_DAC_READ_SEARCH, "generic_permission", "openat").Succeeded(),
                Verdict::kEither, true);
}

TEST(Either, GrantedAfterAnotherWasRefused) {
  const Check refused = Refused(CAP_DAC_READ_SEARCH, "generic_permission", "openat").Succeeded(3);
  const Check granted = Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Succeeded(3);
  const Profile profile = Watched({refused, granted});
  ExpectVerdict(granted, Verdict::kEither, true, profile);
  ExpectVerdict(refused, Verdict::kEither, false, profile);
}

TEST(Either, InPlaceOfAnotherItDidWhatThatIsFor) {
  const Check refused = Refused(CAP_DAC_READ_SEARCH, "generic_permission", "openat").Succeeded(3);
  const Check granted = Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Succeeded(3);
  const std::string reason = Assessed(granted, Watched({refused, granted})).judged.reason;
  EXPECT_THAT(reason, testing::HasSubstr("to read files"));
  EXPECT_THAT(reason, testing::HasSubstr("DAC_READ_SEARCH would be enough as well"));
  EXPECT_THAT(reason, testing::Not(testing::HasSubstr("write")));
}

TEST(Either, NotWhenGrantedMoreOftenThanTheOtherWasRefused) {
  const Check refused = Refused(CAP_DAC_READ_SEARCH, "generic_permission", "openat").Succeeded(3);
  const Check granted = Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat").Succeeded(4);
  ExpectVerdict(granted, Verdict::kRequired, true, Watched({refused, granted}));
  // Denials of another program, or denials of both, show nothing about this one.
  ExpectVerdict(granted, Verdict::kRequired, true,
                Watched({Check(refused).By("other", 2), granted}));
  const Check both = Refused(CAP_DAC_OVERRIDE, "generic_permission", "openat").Failed(EACCES, 3);
  ExpectVerdict(granted, Verdict::kRequired, true, Watched({refused, both, granted}));
}

TEST(Either, ASharedSiteIsDecidedByTheCheckBefore) {
  const Check buffers = Granted(CAP_NET_ADMIN, "sk_setsockopt", "setsockopt").Succeeded();
  ExpectVerdict(buffers, Verdict::kDegrades, true);
  const Check mark = Refused(CAP_NET_RAW, "sk_setsockopt", "setsockopt").Succeeded();
  ExpectVerdict(buffers, Verdict::kEither, true, Watched({mark, buffers}));
}

TEST(Degrades, SucceedsWithoutButDiffers) {
  ExpectVerdict(Granted(CAP_FSETID, "setattr_should_drop_suidgid", "write").Succeeded(),
                Verdict::kDegrades, true);
  ExpectVerdict(Granted(CAP_SYSLOG, "kallsyms_show_value", "openat").Succeeded(),
                Verdict::kDegrades, true);
  ExpectVerdict(Refused(CAP_SYSLOG, "kallsyms_show_value", "openat").Succeeded(),
                Verdict::kDegrades, false);
}

TEST(Degrades, MinorLossesAreNotKept) {
  const Check stat = Granted(CAP_SYS_PTRACE, "__ptrace_may_access", "read")
                         .Under({"__ptrace_may_access", "ptrace_may_access", "do_task_stat"})
                         .Succeeded();
  ExpectVerdict(stat, Verdict::kDegrades, false);
  ExpectVerdict(Refused(CAP_SYS_ADMIN, "simple_xattr_list", "listxattr").Succeeded(),
                Verdict::kNoise, false);
}

TEST(Degrades, ASetGroupIdBitThatWouldBeLostIsKept) {
  const Check chmod = Granted(CAP_FSETID, "setattr_copy", "fchmodat").Succeeded();
  ExpectVerdict(chmod, Verdict::kDegrades, true);
  ExpectVerdict(Check(chmod).With(kHarmless), Verdict::kNoise, false);
}

TEST(Degrades, WhatProgramsTolerate) {
  ExpectVerdict(Granted(CAP_SYS_RESOURCE, "do_prlimit", "prlimit64").Succeeded(),
                Verdict::kDegrades, true);
  ExpectVerdict(Refused(CAP_SYS_RESOURCE, "do_prlimit", "prlimit64").Failed(EPERM),
                Verdict::kDegrades, false);
  ExpectVerdict(Granted(CAP_AUDIT_WRITE, "netlink_capable", "sendto").Succeeded(),
                Verdict::kDegrades, false);
}

TEST(Noise, WhatNeverMatters) {
  ExpectVerdict(Overcommit(true), Verdict::kNoise, false);
  ExpectVerdict(Overcommit(false), Verdict::kNoise, false);
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "do_jit", "seccomp").Succeeded(), Verdict::kNoise, false);
  ExpectVerdict(Granted(CAP_SETPCAP, "cap_capset", "capset").Succeeded(), Verdict::kNoise, false);
}

TEST(Noise, SysAdminInMemoryCallsWithoutASite) {
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "", "mmap").Succeeded(), Verdict::kNoise, false);
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "", "execve").Succeeded(), Verdict::kNoise, false);
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "", "mount").Succeeded(), Verdict::kReview, true);
  ExpectVerdict(Granted(CAP_IPC_LOCK, "", "mmap").Succeeded(), Verdict::kReview, true);
}

TEST(Noise, KernelSettingsOfTheNetworkAreFreeForRootAndReaders) {
  const Check write = Granted(CAP_NET_ADMIN, "net_ctl_permissions", "write").Succeeded();
  ExpectVerdict(Check(write).As(0), Verdict::kNoise, false);
  ExpectVerdict(Check(write).As(1000), Verdict::kConditional, true);
  ExpectVerdict(Granted(CAP_NET_ADMIN, "net_ctl_permissions", "openat").As(1000).Succeeded(),
                Verdict::kNoise, false);
}

TEST(Probed, QuestionsOnly) {
  ExpectVerdict(Granted(CAP_DAC_READ_SEARCH, "generic_permission", "access").Succeeded(),
                Verdict::kProbed, false);
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "xattr_permission", "getxattr").Succeeded(),
                Verdict::kProbed, false);
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "xattr_permission", "setxattr").Succeeded(),
                Verdict::kRequired, true);
}

TEST(Review, UnknownSites) {
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "some_driver_ioctl", "ioctl").Succeeded(), Verdict::kReview,
                true);
  ExpectVerdict(Refused(CAP_SYS_ADMIN, "some_driver_ioctl", "ioctl").Failed(EPERM),
                Verdict::kReview, false);
  ExpectVerdict(Refused(CAP_SYS_ADMIN, "some_driver_ioctl", "ioctl").Succeeded(), Verdict::kNoise,
                false);
  ExpectVerdict(Granted(CAP_NET_RAW, "", "").With(kCollapsed), Verdict::kReview, true);
}

TEST(Review, TheAuditFlagAloneClearsNothing) {
  ExpectVerdict(Granted(CAP_SYS_ADMIN, "some_driver_ioctl", "ioctl")
                    .With(kOptionsKnown | kNoAudit)
                    .Succeeded(),
                Verdict::kReview, true);
  ExpectVerdict(
      Granted(CAP_SYS_ADMIN, "do_seccomp", "seccomp").With(kOptionsKnown | kNoAudit).Succeeded(),
      Verdict::kRequired, true);
}

TEST(Outcome, SaysNothingForNetlinkAndIoUringAndSetfsuid) {
  ExpectVerdict(Granted(CAP_NET_ADMIN, "netlink_net_capable", "sendto").Failed(EINVAL),
                Verdict::kRequired, true);
  ExpectVerdict(Refused(CAP_NET_ADMIN, "netlink_net_capable", "sendto").Succeeded(),
                Verdict::kMissing, false);
  ExpectVerdict(Refused(CAP_SETUID, "__sys_setfsuid", "setfsuid").Succeeded(), Verdict::kMissing,
                false);
  ExpectVerdict(Granted(CAP_DAC_OVERRIDE, "generic_permission", "io_uring_enter").Failed(EAGAIN),
                Verdict::kRequired, true);
  ExpectVerdict(Granted(CAP_DAC_OVERRIDE, "generic_permission", "").With(kIoWorker).Failed(ENOENT),
                Verdict::kRequired, true);
}

// The kernel side marks empty requests, which fail, with bit 0.
TEST(Outcome, AnEmptyNetlinkRequestIsAQuestion) {
  constexpr int kQuestion = 0;
  const auto asked = [](bool granted) {
    return Check(CAP_NET_ADMIN, granted, "rtnetlink_rcv_msg", "sendto");
  };
  ExpectVerdict(asked(true).Failed(kQuestion, 3), Verdict::kProbed, false);
  ExpectVerdict(asked(false).Failed(kQuestion), Verdict::kProbed, false);
  ExpectVerdict(asked(true).Failed(kQuestion).Times(2), Verdict::kRequired, true);
  ExpectVerdict(asked(true).Failed(kQuestion).Failed(EINVAL), Verdict::kRequired, true);
  ExpectVerdict(asked(true).Failed(kQuestion).Succeeded(), Verdict::kRequired, true);
}

// One function may make checks for several callers; the last sampled, harmless one decides nothing.
TEST(Stacks, TheWeightiestDecides) {
  const Check load = Granted(CAP_BPF, "bpf_token_capable", "bpf")
                         .Under({"bpf_token_capable", "bpf_prog_load"})
                         .Succeeded();
  const Check verify = Granted(CAP_BPF, "bpf_token_capable", "bpf")
                           .Under({"bpf_token_capable", "bpf_check"})
                           .Succeeded();
  EXPECT_TRUE(Kept({verify}).empty());
  EXPECT_EQ(Kept({load, verify}), CapabilitySet({CAP_BPF}));
  EXPECT_EQ(Kept({verify, load}), CapabilitySet({CAP_BPF}));
}

}  // namespace
}  // namespace capmon
