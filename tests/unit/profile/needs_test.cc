// SPDX-License-Identifier: Apache-2.0
// Needs without a capability check: file capabilities, raised sets, saved ids, denied execs and
// capset(2) calls.
#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/learn.h"
#include "daemon/profile/program_files.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using testing::HasSubstr;

const CapabilitySet kDockers(0xa80425fb);

ProcessExec Exec(const std::string& path, uint32_t uid, uint32_t exe) {
  ProcessExec exec;
  exec.time = 1;
  exec.path = path;
  exec.exe = exe;
  exec.exe_origin = ExeOrigin::kOwn;
  exec.uid = exec.euid = exec.uid_before = exec.euid_before = uid;
  exec.before_known = true;
  exec.bounding = kDockers;
  if (uid == 0) exec.permitted = exec.effective = exec.permitted_before = kDockers;
  return exec;
}

Profile Started(uint32_t uid) {
  Profile profile = Watched({}, kDockers);
  profile.held->uid = uid;
  return profile;
}

CapabilitySet KeptOf(const Profile& profile) { return Judged(profile).recommendation.keep; }

FileRead File(uint32_t exe, CapabilitySet permitted, bool effective) {
  FileRead read;
  read.exe = exe;
  read.path = "/srv/busybox";
  read.known = true;
  read.permitted = permitted;
  read.effective = effective;
  return read;
}

TEST(FileNeeds, User0NeedsWhatAFileCarriesAlthoughItGainsNothing) {
  Profile profile = Started(0);
  const ProcessExec exec = Exec("/srv/busybox", 0, 7);
  Learn(profile, exec);
  EXPECT_TRUE(KeptOf(profile).empty());
  EXPECT_TRUE(WantsFile(profile, exec));
  Learn(profile, File(7, {CAP_NET_BIND_SERVICE}, true));
  EXPECT_FALSE(WantsFile(profile, exec));
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_NET_BIND_SERVICE}));
  EXPECT_EQ(RowOf(judgement, CAP_NET_BIND_SERVICE).verdict, Verdict::kConstraint);
  EXPECT_THAT(RowOf(judgement, CAP_NET_BIND_SERVICE).reason, HasSubstr("/srv/busybox has it"));
}

CheckSampled SetcapRan() {
  CheckSampled sampled;
  sampled.key.capability = CAP_SETFCAP;
  sampled.key.granted = true;
  sampled.key.syscall = "setxattr";
  sampled.key.exe_origin = ExeOrigin::kOwn;
  return sampled;
}

TEST(FileNeeds, AFileIsReadAgainWhereTheWorkloadSetsCapabilitiesOfFiles) {
  Profile profile = Started(0);
  const ProcessExec exec = Exec("/srv/busybox", 0, 7);
  Learn(profile, exec);
  Learn(profile, File(7, {}, false));
  EXPECT_FALSE(WantsFile(profile, exec));
  Learn(profile, SetcapRan());
  EXPECT_TRUE(WantsFile(profile, exec));
  Learn(profile, File(7, {CAP_NET_BIND_SERVICE}, true));
  EXPECT_TRUE(KeptOf(profile).Has(CAP_NET_BIND_SERVICE));
  Learn(profile, File(7, {CAP_NET_RAW}, true));
  Learn(profile, File(7, {}, false));
  EXPECT_TRUE(KeptOf(profile).Has(CAP_NET_BIND_SERVICE)) << "it was executed with it";
  EXPECT_TRUE(KeptOf(profile).Has(CAP_NET_RAW));
}

TEST(FileNeeds, AFileThatWasGivenSomeSincePerhapsIsUnknown) {
  Profile profile = Started(0);
  Learn(profile, Exec("/srv/busybox", 0, 7));
  FileRead unread = File(7, {}, false);
  Learn(profile, unread);
  unread.known = false;
  Learn(profile, unread);
  EXPECT_FALSE(HasUnreadFiles(profile)) << "nothing here sets capabilities of files";
  Learn(profile, SetcapRan());
  Learn(profile, unread);
  EXPECT_TRUE(HasUnreadFiles(profile));
}

TEST(FileNeeds, WithoutTheEffectiveBitNothing) {
  Profile profile = Started(0);
  Learn(profile, Exec("/srv/busybox", 0, 7));
  Learn(profile, File(7, {CAP_NET_BIND_SERVICE}, false));
  EXPECT_TRUE(KeptOf(profile).empty());
}

TEST(FileNeeds, ForAnotherUserTheSetsShowThem) {
  ProcessExec exec = Exec("/bin/ping", 1000, 7);
  exec.secure_exec = true;
  exec.permitted = exec.effective = {CAP_NET_RAW};
  Profile profile = Started(1000);
  Learn(profile, exec);
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_RAW}));
  EXPECT_FALSE(WantsFile(profile, exec));

  exec.effective = {};  // the file has no effective bit
  Profile lazy = Started(1000);
  Learn(lazy, exec);
  EXPECT_TRUE(KeptOf(lazy).empty());
  EXPECT_FALSE(WantsFile(lazy, exec));

  Profile plain = Started(1000);
  const ProcessExec ordinary = Exec("/bin/true", 1000, 8);
  Learn(plain, ordinary);
  EXPECT_TRUE(KeptOf(plain).empty());
  EXPECT_FALSE(WantsFile(plain, ordinary));
}

TEST(FileNeeds, TheKernelsReportIsUsed) {
  ProcessExec exec = Exec("/srv/busybox", 0, 7);
  exec.file_known = exec.file_effective = true;
  exec.file_permitted = {CAP_NET_RAW, CAP_SYS_TIME};  // SYS_TIME: beyond what the container has
  Profile profile = Started(0);
  EXPECT_FALSE(WantsFile(profile, exec));
  Learn(profile, exec);
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_RAW}));
}

TEST(FileNeeds, NotInANamespaceTheWorkloadMade) {
  ProcessExec exec = Exec("/srv/busybox", 0, 7);
  exec.userns_level = 1;
  exec.file_known = exec.file_effective = true;
  exec.file_permitted = {CAP_NET_RAW};
  Profile profile = Started(0);
  Learn(profile, exec);
  EXPECT_TRUE(KeptOf(profile).empty());
}

FileRead Unread(uint32_t exe) {
  FileRead unread = File(exe, {}, false);
  unread.known = false;
  return unread;
}

TEST(FileNeeds, WhatAFileThatCouldNotBeReadCarriesIsUnknown) {
  Profile profile = Started(0);
  Learn(profile, Exec("/srv/busybox", 0, 7));
  EXPECT_EQ(Judged(profile).recommendation.remove, kDockers);
  Learn(profile, Unread(7));
  const Judgement judgement = Judged(profile);
  EXPECT_TRUE(judgement.recommendation.remove.empty());
  EXPECT_EQ(judgement.recommendation.unknown, kDockers);
  EXPECT_EQ(RowOf(judgement, CAP_MKNOD).verdict, Verdict::kUnknown);
  EXPECT_EQ(RowOf(judgement, CAP_MKNOD).reason,
            "the file capabilities of /srv/busybox could not be read, and a program with file "
            "capabilities does not start without them");
  EXPECT_EQ(judgement.confidence.state, "learning");
  EXPECT_TRUE(WantsFile(profile, Exec("/srv/busybox", 0, 7))) << "at the next exec";
  Learn(profile, File(7, {}, false));
  EXPECT_EQ(Judged(profile).recommendation.remove, kDockers);
  EXPECT_TRUE(Judged(profile).recommendation.warnings.empty());
}

TEST(FileNeeds, WhatIsUsedIsKeptAlthoughAFileIsUnread) {
  Profile profile = Watched({Granted(CAP_NET_RAW, "inet_create", "socket").Succeeded()}, kDockers);
  Learn(profile, Unread(7));
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_RAW}));
  EXPECT_EQ(Judged(profile).recommendation.unknown, kDockers - CapabilitySet({CAP_NET_RAW}));
}

TEST(FileNeeds, OfManyUnreadFilesAFewAreNamed) {
  Profile profile = Started(0);
  for (uint32_t exe = 1; exe <= 5; ++exe) {
    FileRead unread = Unread(exe);
    unread.path = "/bin/" + std::to_string(exe);
    Learn(profile, unread);
  }
  EXPECT_THAT(Judged(profile).recommendation.unknown_reason,
              HasSubstr("of /bin/1, /bin/2, /bin/3 and 2 others could not be read"));
}

// The kernel ignores file capabilities if the mount is not in the task's namespace.
TEST(FileNeeds, FromMemoryAFileCarriesNothing) {
  Profile profile = Started(0);
  for (const ExeOrigin origin : {ExeOrigin::kMemory, ExeOrigin::kOutside}) {
    ProcessExec exec = Exec("/proc/self/fd/3", 0, 7);
    exec.exe_origin = origin;
    EXPECT_FALSE(WantsFile(profile, exec));
  }
}

TEST(FileNeeds, AFileWithoutRoomIsLostEvidenceOnlyIfItMayCarrySomething) {
  Profile profile = Started(0);
  for (uint32_t exe = 1; exe <= Profile::kMaxFiles; ++exe) Learn(profile, File(exe, {}, false));
  Learn(profile, File(100000, {}, false));
  EXPECT_EQ(Judged(profile).recommendation.remove, kDockers);
  Learn(profile, File(100001, {CAP_NET_RAW}, true));
  EXPECT_EQ(Judged(profile).recommendation.unknown, kDockers);
}

TEST(FileNeeds, ATwinsFileIsTheSameByNumberAndPath) {
  Profile profile = Started(0), twin = Started(0);
  Learn(profile, Unread(7));
  Learn(profile, Unread(8));
  Learn(twin, File(7, {CAP_NET_RAW}, true));
  FileRead other = File(8, {}, false);
  other.path = "/another";
  Learn(twin, other);
  EXPECT_TRUE(CanLearnFiles(profile, twin));
  LearnFiles(profile, twin);
  EXPECT_TRUE(profile.files.at(7).effective);
  EXPECT_FALSE(profile.files.at(8).known);
  EXPECT_FALSE(CanLearnFiles(profile, twin));
}

// uid 1000 under no_new_privs starts a program that carries NET_RAW.
Profile HeldBackPing() {
  ProcessExec exec = Exec("/bin/ping", 1000, 7);
  exec.secure_exec = exec.no_new_privs = true;
  Profile profile = Started(1000);
  profile.held->no_new_privs = true;
  profile.held->permitted = profile.held->effective = {};
  Learn(profile, exec);
  EXPECT_TRUE(WantsFile(profile, exec));
  const CheckEvidence refused =
      Refused(CAP_NET_RAW, "inet_create", "socket").By("/bin/ping", 7).Failed(EPERM).evidence();
  profile.checks[refused.key] = refused;
  return profile;
}

TEST(FileNeeds, NoNewPrivilegesHoldsBackAndIsNamed) {
  Profile profile = HeldBackPing();
  EXPECT_EQ(RowOf(Judged(profile), CAP_NET_RAW).verdict, Verdict::kTried);
  EXPECT_THAT(RowOf(Judged(profile), CAP_NET_RAW).reason, HasSubstr("no_new_privs"));
  FileRead read = File(7, {CAP_NET_RAW}, true);
  read.path = "/bin/ping";
  Learn(profile, read);
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_NET_RAW}));  // for the exec
  EXPECT_EQ(RowOf(judgement, CAP_NET_RAW).verdict, Verdict::kConstraint);
  EXPECT_THAT(judgement.recommendation.no_new_privileges_reason,
              HasSubstr("prevents /bin/ping from gaining NET_RAW"));
}

TEST(FileNeeds, NoNewPrivilegesHoldsBackASetUserIdProgramToo) {
  Profile profile = HeldBackPing();
  profile.gains.begin()->second.how = "set-user-ID";
  EXPECT_EQ(RowOf(Judged(profile), CAP_NET_RAW).verdict, Verdict::kTried);
  EXPECT_THAT(RowOf(Judged(profile), CAP_NET_RAW).reason, HasSubstr("no_new_privs"));
}

ProcessExec Sudo(const std::string& path, bool no_new_privs) {
  ProcessExec exec = Exec(path, 1000, 9);
  exec.set_id_file = true;
  exec.no_new_privs = no_new_privs;
  if (no_new_privs) return exec;
  exec.secure_exec = true;
  exec.euid = 0;
  exec.permitted = exec.effective = kDockers;
  return exec;
}

// One process set no_new_privs for itself; others gained.
TEST(Gains, OnceIsEnoughWhicheverComesFirst) {
  for (const bool first : {false, true}) {
    Profile profile = Started(1000);
    Learn(profile, Sudo("/bin/sudo", first));
    Learn(profile, Sudo("/bin/sudo", !first));
    EXPECT_EQ(Judged(profile).recommendation.no_new_privileges, Advice::kUnsafe) << first;
  }
}

TEST(Gains, OneWithoutRoomIsLostEvidence) {
  Profile profile = Started(1000);
  for (size_t i = 0; i < Profile::kMaxGains; ++i)
    Learn(profile, Sudo("/srv/" + std::to_string(i), false));
  EXPECT_EQ(profile.evidence_dropped, 0u);
  Learn(profile, Sudo("/srv/0", false));
  EXPECT_EQ(profile.evidence_dropped, 0u);
  Learn(profile, Sudo("/bin/sudo", false));
  EXPECT_EQ(profile.evidence_dropped, 1u);
}

TEST(RaisedSets, WhatIsAddedMustBeHeld) {
  Profile profile = Started(0);
  CapabilitiesSet set;
  set.exe_origin = ExeOrigin::kOwn;
  set.comm = "setpriv";
  set.permitted = set.effective = kDockers;
  set.inheritable = {CAP_NET_BIND_SERVICE};
  Learn(profile, set);
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_NET_BIND_SERVICE}));
  EXPECT_THAT(RowOf(judgement, CAP_NET_BIND_SERVICE).reason, HasSubstr("setpriv adds it"));
}

TEST(RaisedSets, SeenAtTheNextExecAsWell) {
  Profile profile = Started(0);
  ProcessExec exec = Exec("/bin/true", 1000, 7);
  exec.inheritable = exec.ambient = exec.permitted = exec.effective = {CAP_NET_BIND_SERVICE};
  Learn(profile, exec);
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_BIND_SERVICE}));
}

TEST(RaisedSets, WhatTheRuntimeGaveIsNotAdded) {
  Profile profile = Started(1000);
  profile.held->inheritable = profile.held->ambient = {CAP_NET_BIND_SERVICE};
  ProcessExec exec = Exec("/bin/true", 1000, 7);
  exec.inheritable = exec.ambient = {CAP_NET_BIND_SERVICE};
  Learn(profile, exec);
  EXPECT_TRUE(KeptOf(profile).empty());
}

CapabilitiesSet Asked(CapabilitySet permitted) {
  CapabilitiesSet set;
  set.exe_origin = ExeOrigin::kOwn;
  set.comm = "daemon";
  set.permitted = permitted;
  return set;
}

TEST(Capset, ForASubsetOfWhatTheProgramFoundIsNoConstraint) {
  Profile profile = Started(0);
  CapabilitiesSet set = Asked({CAP_NET_RAW});
  set.looked = true;
  Learn(profile, set);
  EXPECT_TRUE(KeptOf(profile).empty());
  set.looked = false;
  Learn(profile, set);
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_RAW}));
}

// One that asks for most of what there is drops the rest, and hides no other program's list.
TEST(Capset, ByAProgramThatDropsSomeIsNoConstraint) {
  Profile profile = Started(0);
  Learn(profile, Asked(kDockers - CapabilitySet({CAP_MKNOD})));
  EXPECT_TRUE(KeptOf(profile).empty());
  Learn(profile, Asked({CAP_NET_RAW}));
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_RAW}));
}

// Root by a set-user-ID bit has what the container's first process does not.
TEST(Capset, OfASetUserIdProgramIsAConstraint) {
  Profile profile = Started(1000);
  profile.held->permitted = profile.held->effective = {};
  Learn(profile, Asked({CAP_NET_RAW}));
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_RAW}));
}

// dnsmasq also calls capget(2), but exits if something is missing.
TEST(Capset, ForWhatAProgramInsistsOnStaysAConstraint) {
  Profile profile = Started(0);
  CapabilitiesSet set = Asked({CAP_NET_RAW, CAP_NET_ADMIN});
  set.looked = true;
  set.comm = "dnsmasq";
  Learn(profile, set);
  EXPECT_EQ(KeptOf(profile), CapabilitySet({CAP_NET_RAW}));
}

TEST(Capset, InItsOwnNamespaceIsNoConstraint) {
  Profile profile = Started(0);
  CapabilitiesSet set = Asked({CAP_NET_RAW});
  set.userns_level = 1;
  Learn(profile, set);
  EXPECT_TRUE(KeptOf(profile).empty());
}

TEST(Capset, RefusedIsMissing) {
  Profile profile = Started(0);
  CapabilitiesSet set = Asked({CAP_NET_RAW, CAP_SYS_TIME});
  set.refused = true;
  set.had = kDockers;
  Learn(profile, set);
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(RowOf(judgement, CAP_SYS_TIME).verdict, Verdict::kMissing);
  EXPECT_THAT(RowOf(judgement, CAP_SYS_TIME).reason, HasSubstr("capset(2)"));
  EXPECT_TRUE(judgement.recommendation.keep.empty());
}

TEST(Capset, RefusedToAProgramOfAContainerThatHasItIsNotMissing) {
  Profile profile = Started(1000);
  CapabilitiesSet set = Asked({CAP_NET_RAW});
  set.refused = true;
  Learn(profile, set);
  EXPECT_EQ(RowOf(Judged(profile), CAP_NET_RAW).verdict, Verdict::kTried);
}

TEST(RefusedExec, NamesTheFilesCapabilitiesBeyondTheBoundingSet) {
  Profile profile = Started(0);
  ExecRefused refused;
  refused.path = "/srv/clock";
  refused.bounding = kDockers;
  refused.known = refused.effective = true;
  refused.permitted = {CAP_SYS_TIME, CAP_NET_RAW};
  Learn(profile, refused);
  const Judgement judgement = Judged(profile);
  EXPECT_EQ(RowOf(judgement, CAP_SYS_TIME).verdict, Verdict::kMissing);
  EXPECT_THAT(RowOf(judgement, CAP_SYS_TIME).reason, HasSubstr("/srv/clock"));
  EXPECT_EQ(RowOf(judgement, CAP_NET_RAW).verdict, Verdict::kUnused);
}

TEST(RefusedExec, ForAnotherReasonShowsNothing) {
  Profile profile = Started(0);
  ExecRefused refused;
  refused.path = "/srv/clock";
  refused.known = true;
  refused.permitted = {CAP_SYS_TIME};  // without the effective bit this is no reason
  Learn(profile, refused);
  EXPECT_TRUE(profile.refusals.empty());
}

TEST(SavedIds, ProtectingIsARequirementAndSaysSo) {
  const Check check =
      Granted(CAP_SETUID, "sys_setuid", "setuid").With(kProtects).As(1000).Succeeded();
  EXPECT_EQ(Judged(check).verdict, Verdict::kRequired);
  EXPECT_THAT(Judged(check).reason, HasSubstr("the program can return to it"));
  EXPECT_EQ(Kept({check}), CapabilitySet({CAP_SETUID}));
  const Check group = Granted(CAP_SETGID, "sys_setgid", "setgid").With(kProtects).Succeeded();
  EXPECT_THAT(Judged(group).reason, HasSubstr("group ids"));
}

TEST(SavedIds, RefusedTheOldIdStaysAndIsSaid) {
  const Check check = Refused(CAP_SETUID, "sys_setuid", "setuid").With(kProtects).Succeeded();
  EXPECT_EQ(Judged(check).verdict, Verdict::kDegrades);
  EXPECT_TRUE(Kept({check}).empty());
}

}  // namespace
}  // namespace capmon
