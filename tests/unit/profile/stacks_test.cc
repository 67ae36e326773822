// SPDX-License-Identifier: Apache-2.0
// The stacks stored for one kind of check.
#include <gtest/gtest.h>

#include "daemon/profile/learn.h"
#include "daemon/profile/merge.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

CheckSampled Sample(const std::string& caller) {
  CheckSampled sampled;
  sampled.key = Granted(CAP_BPF, "bpf_token_capable", "bpf").evidence().key;
  sampled.callers = {"bpf_token_capable", caller};
  return sampled;
}

TEST(Stacks, EveryDifferentOneIsRememberedUpToALimit) {
  Profile profile;
  for (const char* caller : {"a", "b", "a"}) Learn(profile, Sample(caller));
  EXPECT_EQ(profile.checks.begin()->second.stacks.size(), 2u);
  for (int i = 0; i < 100; ++i) Learn(profile, Sample(std::to_string(i)));
  EXPECT_EQ(profile.checks.begin()->second.stacks.size(), CheckEvidence::kMaxStacks);
  EXPECT_EQ(profile.checks.begin()->second.callers.functions().back(), "99");
}

TEST(Stacks, OfMergedProfilesAreAddedUp) {
  Profile a, b;
  Learn(a, Sample("bpf_check"));
  Learn(b, Sample("bpf_prog_load"));
  Merge(a, b);
  EXPECT_EQ(a.checks.begin()->second.stacks.size(), 2u);
}

}  // namespace
}  // namespace capmon
