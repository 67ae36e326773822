// SPDX-License-Identifier: Apache-2.0
// What a proof covers: a use by a program that is known, and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/profile/fold.h"
#include "daemon/profile/learn.h"
#include "daemon/profile/merge.h"
#include "daemon/profile/program_identity.h"
#include "daemon/profile/use.h"
#include "tests/unit/profile/proof_builder.h"

namespace capmon {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::set<std::string> UsesOf(const Profile& profile, Capability capability = CAP_CHOWN) {
  return RowOf(Judged(profile), capability).uses;
}
ProcessExec Exec(uint32_t exe, const std::string& path) {
  ProcessExec exec;
  exec.exe = exe;
  exec.path = path;
  exec.exe_origin = ExeOrigin::kOwn;
  return exec;
}

TEST(NamesOneProgram, OnlyAWholePathOfAnImageDoes) {
  for (const char* path : {"/bin/chown", "/usr/sbin/nginx", "/entry.sh", "/opt/app/bin/server"})
    EXPECT_TRUE(NamesOneProgram(path)) << path;
  for (const char* path :
       {"", "chown", "./chown", "/", "/bin/", "/opt/../tmp/x", "/proc/self/exe", "/dev/fd/3",
        "/tmp/x", "/run/x", "/bin/x (deleted)", "/bin/sh", "/bin/busybox", "/usr/bin/python3.12",
        "/usr/bin/perl", "/usr/bin/node", "/lib64/ld-linux-x86-64.so.2", "/usr/bin/coreutils"})
    EXPECT_FALSE(NamesOneProgram(path)) << path;
  EXPECT_TRUE(NamesOneProgram("/" + std::string(253, 'x')));
  EXPECT_FALSE(NamesOneProgram("/" + std::string(254, 'x'))) << "may be cut off";
}

TEST(ProofUses, AnExecutableWithSeveralNamesIsNotKnownByOne) {
  Profile profile = Seen({Chowns()});
  EXPECT_THAT(UsesOf(profile), ElementsAre("setattr_prepare chown /bin/chown"));
  // The newest sample has one name of it.
  Learn(profile, Exec(1, "/bin/ls"));
  profile.checks.begin()->second.comm = "chown";
  EXPECT_THAT(UsesOf(profile), ElementsAre("? setattr_prepare chown chown"));
  ExpectWithdrawn(With({{CAP_CHOWN, Unneeded({})}}, {profile}), "not tried");
}

TEST(ProofUses, ASecondNameIsNoticedInAFullProfile) {
  Profile profile = Seen({Chowns()});
  for (uint32_t exe = 10; profile.binaries.size() < Profile::kMaxBinaries; ++exe)
    profile.binaries[exe] = "/bin/" + std::to_string(exe);
  Learn(profile, Exec(1, "/bin/ls"));
  EXPECT_THAT(UsesOf(profile), Each(StartsWith("? ")));
}

TEST(ProofUses, APathThatWasNotSeenIsNotKnown) {
  Profile profile = Seen({Chowns()});
  profile.binaries.clear();
  profile.checks.begin()->second.comm = "chown";
  EXPECT_THAT(UsesOf(profile), ElementsAre("? setattr_prepare chown chown"));
}

TEST(ProofUses, AnotherFileAtTheSamePathIsAnotherProgram) {
  Profile profile = Seen({Chowns(), Chowns("chown", 3)});
  ASSERT_THAT(profile.binaries, SizeIs(2));
  EXPECT_THAT(UsesOf(profile), ElementsAre("? setattr_prepare chown /bin/chown"));
}

TEST(ProofUses, WhatRanFromMemoryOrFromOutsideIsNotOfTheImage) {
  for (const ExeOrigin origin : {ExeOrigin::kMemory, ExeOrigin::kOutside, ExeOrigin::kElsewhere})
    EXPECT_THAT(UsesOf(Seen({Chowns().From(origin)})), Each(StartsWith("? ")));
}

TEST(ProofUses, TheCallMustBeKnown) {
  EXPECT_THAT(UsesOf(Seen({Granted(CAP_CHOWN, "setattr_prepare", "").By("chown")})),
              Each(StartsWith("? ")));
}

TEST(ProofUses, FoldingAndMergingForgetNoDoubt) {
  Profile two = Seen({Chowns(), Chowns("chown", 3)});
  two.observed_until = 9;
  Profile folded;
  Fold(two, CallSites::BuiltIn(), folded);
  EXPECT_THAT(UsesOf(folded), AllOf(SizeIs(1), Each(StartsWith("? "))));
  Profile once_more = folded;
  Fold(Seen({Chowns()}), CallSites::BuiltIn(), once_more);
  EXPECT_THAT(UsesOf(once_more), Contains(StartsWith("? ")));

  Profile into = Seen({Chowns()}), other = Seen({Chowns()});
  other.binaries[1] = "/bin/install";
  Merge(into, other);
  EXPECT_THAT(UsesOf(into), Each(StartsWith("? ")));
}

TEST(ProofUses, OneDoubtfulInstanceMakesAllDoubtful) {
  Profile other = Seen({Chowns("chown", 4)});
  other.binaries[9] = "/bin/chown";
  EXPECT_THAT(
      RowOf(With({}, {Seen({Chowns()}), other}), CAP_CHOWN).uses,
      ElementsAre("? setattr_prepare chown /bin/chown", "setattr_prepare chown /bin/chown"));
}

TEST(ProofConstraints, EachProgramIsAUse) {
  Profile profile = Seen({});
  profile.files[5] = {"/bin/ping", true, {CAP_NET_RAW}, true};
  profile.files[6] = {"/bin/arping", true, {CAP_NET_RAW}, true};
  EXPECT_THAT(UsesOf(profile, CAP_NET_RAW),
              ElementsAre("file capability of /bin/arping", "file capability of /bin/ping"));
  Proof proof = Unneeded({});
  proof.uses = {"file capability of /bin/ping"};
  EXPECT_TRUE(With({{CAP_NET_RAW, proof}}, {profile}).recommendation.keep.Has(CAP_NET_RAW));
  proof.uses.insert("file capability of /bin/arping");
  EXPECT_TRUE(With({{CAP_NET_RAW, proof}}, {profile}).recommendation.keep.empty());
}

Check Capset(const std::string& program, uint32_t exe) {
  return Granted(CAP_SETPCAP, "cap_capset", "capset").By(program, exe).Succeeded();
}

TEST(ProofConstraints, ACapsetIsOfEachProgramThatCalledIt) {
  Profile profile = Seen({Capset("chronyd", 5), Capset("named", 6)});
  profile.capset_permitted = {CAP_NET_RAW};
  EXPECT_THAT(UsesOf(profile, CAP_NET_RAW),
              ElementsAre("cap_capset capset /bin/chronyd", "cap_capset capset /bin/named"));
  profile.checks.clear();
  EXPECT_THAT(UsesOf(profile, CAP_NET_RAW), Each(StartsWith("? "))) << "no program was seen";
}

TEST(ProofConstraints, WhatIsKnownByAProcessNameAloneIsNotKnown) {
  Profile raised = Seen({});
  raised.raised = {CAP_NET_RAW};
  raised.raised_by = "what starts /bin/server";
  EXPECT_THAT(UsesOf(raised, CAP_NET_RAW), AllOf(SizeIs(1), Each(StartsWith("? "))));
  Profile refused = Seen({});
  refused.refusals["capset chronyd"] = {"chronyd", "capset", {CAP_SYS_TIME}, 1};
  EXPECT_THAT(UsesOf(refused, CAP_SYS_TIME), Each(StartsWith("? ")));
}

TEST(ProofConstraints, ThoseOfChecksNameTheirProgram) {
  Profile profile =
      Seen({Granted(CAP_SYS_ADMIN, "netns_install", "setns").By("ip", 4).Succeeded()});
  profile.held->bounding = {CAP_SYS_ADMIN, CAP_SYS_PTRACE};
  EXPECT_THAT(UsesOf(profile, CAP_SYS_PTRACE), ElementsAre("netns_install setns /bin/ip"));
}

TEST(UsesWithout, AreThoseThatWereDenied) {
  const Check denied = Refused(CAP_CHOWN, "setattr_prepare", "chown").Failed(EPERM).By("chown");
  Profile run = Seen({denied, Pings()});
  EXPECT_THAT(UsesWithout(CAP_CHOWN, run), IsEmpty()) << "it had it";
  run.held->bounding = {CAP_NET_RAW};
  run.refusals["exec /bin/x"] = {"/bin/x", "exec", {CAP_CHOWN}, 1};
  run.refusals["capset y"] = {"y", "capset", {CAP_CHOWN}, 1};
  EXPECT_THAT(UsesWithout(CAP_CHOWN, run),
              ElementsAre("file capability of /bin/x", "setattr_prepare chown /bin/chown"));
  EXPECT_THAT(UsesWithout(CAP_NET_RAW, run), IsEmpty());
  run.binaries[1] = "";
  EXPECT_THAT(UsesWithout(CAP_CHOWN, run), ElementsAre("file capability of /bin/x"));
  run.held.reset();
  EXPECT_THAT(UsesWithout(CAP_CHOWN, run), IsEmpty());
}

}  // namespace
}  // namespace capmon
