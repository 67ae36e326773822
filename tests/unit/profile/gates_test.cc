// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/gates.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

Check RawSocket() { return Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded(); }

Verdict VerdictOf(const Check& check, const Profile& profile = Watched({})) {
  return Judged(check, profile).verdict;
}

Profile InUserNamespace(uint8_t level) {
  Profile profile = Watched({});
  profile.held->userns_level = level;
  return profile;
}

TEST(Gates, LetTheWorkloadThrough) {
  EXPECT_EQ(VerdictOf(RawSocket()), Verdict::kRequired);
  EXPECT_EQ(VerdictOf(RawSocket().From(ExeOrigin::kElsewhere)), Verdict::kRequired);
}

TEST(Gates, BinariesFromOutsideAContainerAreItsRuntime) {
  EXPECT_EQ(VerdictOf(RawSocket().From(ExeOrigin::kHost)), Verdict::kRuntimeOnly);
  EXPECT_EQ(VerdictOf(RawSocket().From(ExeOrigin::kNone)), Verdict::kRuntimeOnly);
}

TEST(Gates, WhatTheContainersOwnProcessesRunFromElsewhereIsTheirs) {
  EXPECT_EQ(VerdictOf(RawSocket().From(ExeOrigin::kMemory)), Verdict::kRequired);
  EXPECT_EQ(VerdictOf(RawSocket().From(ExeOrigin::kOutside)), Verdict::kRequired);
}

TEST(Gates, OnlyContainersHaveARuntime) {
  for (const ContainerKind kind :
       {ContainerKind::kUnit, ContainerKind::kSession, ContainerKind::kHost}) {
    Profile profile = Watched({});
    profile.container.kind = kind;
    EXPECT_EQ(VerdictOf(RawSocket().From(ExeOrigin::kHost), profile), Verdict::kRequired);
  }
}

TEST(Gates, SwappedCredentialsAreForeign) {
  Check check = Granted(CAP_SYS_ADMIN, "xattr_permission", "openat")
                    .Under({"xattr_permission", "__vfs_setxattr_locked", "ovl_setxattr"})
                    .With(kCredOverridden);
  EXPECT_EQ(VerdictOf(check), Verdict::kForeign);
  EXPECT_EQ(VerdictOf(check.Without(kHeld)), Verdict::kForeign);
  EXPECT_EQ(VerdictOf(RawSocket().With(kCredOther)), Verdict::kForeign);
}

TEST(Gates, SwappedCredentialsOfIoUringAndCgroupFilesAreTheProgramsOwn) {
  Check check = Granted(CAP_DAC_OVERRIDE, "generic_permission", "io_uring_enter")
                    .Under({"generic_permission", "inode_permission", "io_issue_sqe"})
                    .With(kCredOverridden);
  EXPECT_EQ(VerdictOf(check), Verdict::kRequired);
  EXPECT_EQ(VerdictOf(check.Without(kHeld)), Verdict::kForeign);
  EXPECT_EQ(VerdictOf(Granted(CAP_DAC_OVERRIDE, "generic_permission", "write")
                          .Under({"generic_permission", "inode_permission",
                                  "cgroup_procs_write_permission"})
                          .With(kCredOverridden)),
            Verdict::kRequired);
}

TEST(Gates, CredentialsTheWorkloadMadeAreItsOwn) {
  const Profile usual = Watched({}, CapabilitySet(0xa80425fb));
  // A file it opened, which another process of it reads.
  EXPECT_EQ(VerdictOf(RawSocket().With(kCredOther | kCredOwn).Without(kHeld), usual),
            Verdict::kRequired);
  // An io_uring personality registered before the sets were dropped.
  const Check personality =
      Granted(CAP_NET_RAW, "inet_create", "io_uring_enter")
          .Under({"inet_create", "__sock_create", "io_socket", "io_issue_sqe"})
          .With(kCredOverridden | kCredOwn)
          .Without(kHeld);
  EXPECT_EQ(VerdictOf(personality, usual), Verdict::kRequired);
  EXPECT_EQ(VerdictOf(personality), Verdict::kRequired);
  // An overlay it mounted itself.
  const Check overlay = Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat")
                            .Under({"generic_permission", "inode_permission", "ovl_permission"})
                            .With(kCredOverridden | kCredOwn);
  EXPECT_EQ(VerdictOf(overlay, usual), Verdict::kRequired);
}

Check OverlayAccess() {
  return Granted(CAP_DAC_OVERRIDE, "generic_permission", "openat")
      .Under({"generic_permission", "inode_permission", "ovl_permission"})
      .With(kCredOverridden | kCredOwn);
}
Check Mount(const char* syscall = "mount") {
  return Granted(CAP_SYS_ADMIN, "clone_private_mount", syscall)
      .Under({"clone_private_mount", "ovl_fill_super", "get_tree_nodev"})
      .Succeeded();
}

// Its sets look like those of the runtime that mounted its root.
TEST(Gates, FileSystemsOfAPrivilegedContainerAreItsOwnIfItMountsAny) {
  EXPECT_EQ(VerdictOf(OverlayAccess()), Verdict::kForeign);
  for (const char* syscall : {"mount", "fsopen", "fsconfig"})
    EXPECT_EQ(VerdictOf(OverlayAccess(), Watched({Mount(syscall)})), Verdict::kRequired);
  const CapabilitySet nearly_all((uint64_t{1} << 40) - 1);
  EXPECT_EQ(VerdictOf(OverlayAccess(), Watched({Mount()}, nearly_all)), Verdict::kRequired);
  EXPECT_TRUE(Kept({Mount(), OverlayAccess()}).Has(CAP_DAC_OVERRIDE));
}

TEST(Gates, AMountThatWasNotTheContainersOwnIsNone) {
  const auto verdict = [](const Check& mount) {
    return VerdictOf(OverlayAccess(), Watched({mount}));
  };
  EXPECT_EQ(verdict(Mount().From(ExeOrigin::kHost)), Verdict::kForeign);
  EXPECT_EQ(verdict(Mount().AskedAt(1).AtLevel(1)), Verdict::kForeign);
  EXPECT_EQ(verdict(Mount("umount2")), Verdict::kForeign);
  EXPECT_EQ(verdict(Granted(CAP_SYS_ADMIN, "path_mount", "mount").Failed(EINVAL)),
            Verdict::kForeign);
  // A mount of another kind, below a root that is an overlay.
  EXPECT_EQ(verdict(Granted(CAP_SYS_ADMIN, "xattr_permission", "mount")
                        .Under({"xattr_permission", "vfs_getxattr", "ovl_lookup"})
                        .Succeeded()),
            Verdict::kForeign);
  EXPECT_EQ(verdict(Granted(CAP_SYS_ADMIN, "path_mount", "mount")
                        .Under({"path_mount", "__x64_sys_mount"})
                        .Succeeded()),
            Verdict::kForeign);
  // Without a result, or without a stack, it may have been one.
  EXPECT_EQ(verdict(Granted(CAP_SYS_ADMIN, "path_mount", "mount").Under({})), Verdict::kRequired);
  // Over its quota nothing says which call it was.
  EXPECT_EQ(verdict(Granted(CAP_SYS_ADMIN, "", "").With(kCollapsed)), Verdict::kRequired);
  // With credentials that hold more than the container, it was mounted from outside.
  EXPECT_EQ(VerdictOf(OverlayAccess().Without(kCredOwn), Watched({Mount()})), Verdict::kForeign);
}

TEST(Gates, CredentialsOfAnOuterNamespaceCameFromOutside) {
  EXPECT_EQ(VerdictOf(RawSocket().With(kCredOther | kCredOwn).AskedAt(0), InUserNamespace(1)),
            Verdict::kForeign);
}

TEST(Gates, WhereTheBitWasFoundDecides) {
  // Held in the container's own namespace, used in one below that another user made.
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(1).AskedAt(0)), Verdict::kRequired);
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(2).AskedAt(1), InUserNamespace(1)), Verdict::kRequired);
  // Of a namespace the workload entered: there it has everything.
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(1).AskedAt(1)), Verdict::kOwnNamespace);
  // Also held, but its maker needs no bit.
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(1).AskedAt(0).With(kByOwnership)),
            Verdict::kOwnNamespace);
  // From inside a namespace it made, nothing the container is given reaches out again.
  EXPECT_EQ(
      VerdictOf(Refused(CAP_SYS_TIME, "cap_settime", "clock_settime").AskedAt(1).Failed(EPERM)),
      Verdict::kOwnNamespace);
}

TEST(Gates, SwappedCredentialsOfAccessAreAQuestion) {
  EXPECT_EQ(VerdictOf(Granted(CAP_DAC_OVERRIDE, "generic_permission", "faccessat2")
                          .With(kCredOverridden)
                          .Without(kHeld)),
            Verdict::kProbed);
}

TEST(Gates, NamespacesBelowTheContainersOwnAreNoNeed) {
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(1)), Verdict::kOwnNamespace);
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(1), InUserNamespace(1)), Verdict::kRequired);
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(2), InUserNamespace(1)), Verdict::kOwnNamespace);
}

TEST(Gates, AnUnknownNamespaceIsKept) {
  Profile profile = Watched({});
  profile.held.reset();
  EXPECT_EQ(VerdictOf(RawSocket().AtLevel(1), profile), Verdict::kRequired);
}

TEST(Gates, WhatNoCapabilityOfTheContainerReachesIsNotMissing) {
  const Check check = Refused(CAP_SYS_TIME, "cap_settime", "clock_settime").Failed(EPERM);
  EXPECT_EQ(VerdictOf(check, InUserNamespace(1)), Verdict::kForeign);
  EXPECT_EQ(VerdictOf(check), Verdict::kMissing);
}

TEST(Gates, GrantedWithoutTheBitIsOwnership) {
  EXPECT_EQ(VerdictOf(RawSocket().Without(kHeld)), Verdict::kOwnNamespace);
}

}  // namespace
}  // namespace capmon
