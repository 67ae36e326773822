// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/programs.h"

#include <gtest/gtest.h>

#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

CheckKey Asking(Capability capability, const std::string& syscall) {
  CheckKey key;
  key.capability = capability;
  key.syscall = syscall;
  return key;
}

TEST(Programs, AreFoundByTheLastPartOfTheirPath) {
  const Programs programs =
      Programs::Parse("a,b\tgoes-on\tKILL,CHOWN\tkill\tsulks\nc\tadapts\t-\t-\tlooks first\n")
          .value();
  const CheckKey key = Asking(CAP_KILL, "kill");
  ASSERT_NE(programs.Find("/usr/sbin/b", Habit::kGoesOn, key), nullptr);
  EXPECT_EQ(programs.Find("b", Habit::kGoesOn, key)->reason, "sulks");
  EXPECT_EQ(programs.Find("bb", Habit::kGoesOn, key), nullptr);
  EXPECT_EQ(programs.Find("b/", Habit::kGoesOn, key), nullptr);
  EXPECT_EQ(programs.Find("b", Habit::kAdapts, key), nullptr);
  EXPECT_EQ(programs.Find("b", Habit::kGoesOn, Asking(CAP_KILL, "tkill")), nullptr);
  EXPECT_EQ(programs.Find("b", Habit::kGoesOn, Asking(CAP_FOWNER, "kill")), nullptr);
  EXPECT_NE(programs.Find("c", Habit::kAdapts, key), nullptr);
}

TEST(Programs, ABadTableIsRefusedWithItsLine) {
  for (const std::string bad :
       {"a\tgoes-on\tKILL\tkill", "a\tflies\tKILL\tkill\tsulks", "a\tgoes-on\tKILLS\tkill\tsulks",
        "-\tgoes-on\tKILL\tkill\tsulks", "a\tgoes-on\tKILL\tkill\t-"}) {
    const auto programs = Programs::Parse("# remark\n" + bad + "\n");
    ASSERT_FALSE(programs.ok()) << bad;
    EXPECT_NE(programs.status().message().find("line 2"), std::string::npos) << programs.status();
  }
  EXPECT_TRUE(Programs::Parse("").ok());
}

CheckEvidence Isolates() {
  return Granted(CAP_SYS_ADMIN, "copy_namespaces", "clone")
      .By("/usr/sbin/vsftpd")
      .Succeeded()
      .evidence();
}

TEST(Programs, WhatAProgramGoesOnWithoutDegrades) {
  const Judgement judgement = Judged(Watched(
      {Granted(CAP_SYS_ADMIN, "copy_namespaces", "clone").By("/usr/sbin/vsftpd").Succeeded()}));
  EXPECT_TRUE(judgement.recommendation.keep.empty());
  const CapabilityVerdict& row = RowOf(judgement, CAP_SYS_ADMIN);
  EXPECT_EQ(row.verdict, Verdict::kDegrades);
  EXPECT_EQ(row.evidence.front().site_class, "PROGRAM");
  EXPECT_NE(row.reason.find("without it, the program serves"), std::string::npos) << row.reason;
}

TEST(Programs, WithoutTheTableItIsRequired) {
  CallSites sites = CallSites::BuiltIn();
  sites.Use(Programs::Parse("").value());
  Profile profile = Watched({});
  const CheckEvidence evidence = Isolates();
  profile.checks[evidence.key] = evidence;
  EXPECT_EQ(Judge(profile, sites, {}).recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
}

TEST(Programs, AnotherNeedOfTheSameProgramStands) {
  const Judgement judgement = Judged(Watched({
      Granted(CAP_SYS_ADMIN, "copy_namespaces", "clone").By("/usr/sbin/vsftpd").Succeeded(),
      Granted(CAP_SYS_ADMIN, "path_mount", "mount").By("/usr/sbin/vsftpd").Succeeded(),
  }));
  EXPECT_EQ(judgement.recommendation.keep, CapabilitySet({CAP_SYS_ADMIN}));
}

}  // namespace
}  // namespace capmon
