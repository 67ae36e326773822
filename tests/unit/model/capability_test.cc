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
  for (const char* text : {"", "CAP_", "CAP_NOTHING", "64", "-1", "13x", "NET RAW", "1e1", "+13",
                           "013", "0xd", "255", "256", "4294967309", "99999999999999999999"})
    EXPECT_EQ(ParseCapability(text), std::nullopt) << text;
}

TEST(Capability, ANameIsTheWholeText) {
  for (const char* text :
       {"chown;net_raw", "chown|net_raw", "chown/x",      "chown,net_raw", "chown net_raw",
        "chown=",        "chown:",        "chown\n",      " chown",        "chown ",
        "cap_chown_",    "CAP_CAP_CHOWN", "CAP_CAP_13",   "cap",           "_CHOWN",
        "CHOW",          "cap_chown+ep",  "ch\xc3\xb6wn", "chown\xff",     "\xef\xbc\xa3HOWN",
        "-chown"})
    EXPECT_EQ(ParseCapability(text), std::nullopt) << text;
  EXPECT_EQ(ParseCapability(std::string_view("chown\0", 6)), std::nullopt) << "a NUL behind it";
  EXPECT_EQ(ParseCapability(std::string_view("ch\0own", 6)), std::nullopt) << "a NUL in it";
  EXPECT_EQ(ParseCapability("chown" + std::string(300, 'n')), std::nullopt);
  EXPECT_EQ(ParseCapability(std::string(60'000, '1')), std::nullopt);
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
