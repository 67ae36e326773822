// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/capability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(Capability, NamesAreTheKernels) {
  EXPECT_EQ(CapabilityName(0), "CAP_CHOWN");
  EXPECT_EQ(CapabilityName(13), "CAP_NET_RAW");
  EXPECT_EQ(ShortCapabilityName(21), "SYS_ADMIN");
}

TEST(Capability, OneWithoutANameKeepsItsNumber) { EXPECT_EQ(CapabilityName(63), "CAP_63"); }

TEST(Capability, ParsesEveryFormPeopleWrite) {
  for (const char* text : {"CAP_NET_RAW", "cap_net_raw", "NET_RAW", "net_raw", "13"})
    EXPECT_EQ(ParseCapability(text), Capability{13}) << text;
}

TEST(Capability, EveryNameParsesBack) {
  for (int c = 0; c < kMaxCapabilities; ++c) {
    const auto capability = static_cast<Capability>(c);
    EXPECT_EQ(ParseCapability(CapabilityName(capability)), capability) << c;
  }
}

TEST(Capability, RejectsWhatIsNone) {
  for (const char* text : {"", "CAP_", "CAP_NOTHING", "64", "-1", "13x", "NET RAW", "1e1"})
    EXPECT_EQ(ParseCapability(text), std::nullopt) << text;
}

TEST(CapabilitySet, BehavesLikeASet) {
  CapabilitySet set{1, 5};
  set.Add(63);
  set.Add(64);  // not a capability: nothing happens
  EXPECT_EQ(set.size(), 3);
  EXPECT_THAT(set.members(), testing::ElementsAre(1, 5, 63));
  set.Remove(5);
  EXPECT_FALSE(set.Has(5));
  EXPECT_EQ((set - CapabilitySet{1}), CapabilitySet{63});
  EXPECT_EQ((set & CapabilitySet{1, 2}), CapabilitySet{1});
}

}  // namespace
}  // namespace capmon
