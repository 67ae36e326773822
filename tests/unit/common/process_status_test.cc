// SPDX-License-Identifier: Apache-2.0
#include "common/process_status.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "common/file_text.h"

namespace capmon {
namespace {

constexpr char kStatus[] =
    "Name:\ta name: of words\nUmask:\t0022\nPid:\t7\nUid:\t1000\t0\t0\t0\nGid:\t5\t6\t6\t6\n"
    "CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t0000000000000001\n"
    "CapBnd:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\n";

TEST(ProcessStatus, ReadsEveryField) {
  const ProcessStatus status = ParseProcessStatus(kStatus);
  EXPECT_TRUE(status.complete);
  EXPECT_EQ(status.pid, 7);
  EXPECT_EQ(status.name, "a name: of words");
  EXPECT_EQ(status.uid, 1000u);
  EXPECT_EQ(status.euid, 0u);
  EXPECT_EQ(status.gid, 5u);
  EXPECT_EQ(status.egid, 6u);
  EXPECT_EQ(status.permitted, CapabilitySet(0xa80425fb));
  EXPECT_EQ(status.effective, CapabilitySet(1));
  EXPECT_EQ(status.bounding, CapabilitySet(0x1ffffffffff));
  EXPECT_EQ(status.ambient, CapabilitySet());
  EXPECT_TRUE(status.no_new_privs);
  EXPECT_EQ(status.seccomp_mode, 2);
}

TEST(ProcessStatus, WhatCannotBeReadIsNotComplete) {
  const std::string text = kStatus;
  EXPECT_FALSE(ParseProcessStatus("").complete);
  EXPECT_FALSE(ParseProcessStatus(text.substr(0, text.find("CapBnd"))).complete);
  for (const char* bad : {"CapEff:\tx\n", "CapEff:\t\n", "Uid:\t0\n", "Pid:\t-\n"}) {
    const ProcessStatus status = ParseProcessStatus(bad + text);  // the first of a name counts
    EXPECT_FALSE(status.complete) << bad;
    EXPECT_EQ(status.bounding, CapabilitySet(0x1ffffffffff)) << bad;
  }
}

TEST(ProcessStatus, ReadsTheKernelsOwn) {
  const ProcessStatus status = ParseProcessStatus(TextOf("/proc/self/status"));
  EXPECT_TRUE(status.complete);
  EXPECT_EQ(status.pid, ::getpid());
  EXPECT_EQ(status.euid, ::geteuid());
}

}  // namespace
}  // namespace capmon
