// SPDX-License-Identifier: Apache-2.0
#include "client/commands/encode.h"

#include <gmock/gmock.h>

#include "client/host/default_sets.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

CapabilitySet Only(const std::string& text) {
  const auto masks = ParseNames(text);
  EXPECT_TRUE(masks.ok()) << masks.status();
  if (!masks.ok() || masks->size() != 1) return {};
  return (*masks)[0].value;
}

TEST(ParseNames, TakesNamesInEverySpelling) {
  EXPECT_EQ(Only("CHOWN,NET_RAW"), CapabilitySet({0, 13}));
  EXPECT_EQ(Only("cap_chown, CAP_NET_RAW\n13"), CapabilitySet({0, 13}));
  EXPECT_EQ(Only("none"), CapabilitySet());
  EXPECT_EQ(Only("ALL"), AllCapabilities());
}

TEST(ParseNames, GoesFromLeftToRight) {
  EXPECT_EQ(Only("all,-sys_admin"), AllCapabilities() - CapabilitySet({21}));
  EXPECT_EQ(Only("all,-all,chown"), CapabilitySet({0}));
  EXPECT_EQ(Only("docker -docker"), CapabilitySet());
  EXPECT_EQ(Only("docker,sys_admin") - Only("docker"), CapabilitySet({21}));
}

TEST(ParseNames, LeavesTheTextFormToLibcap) {
  const auto masks = ParseNames("cap_net_raw,cap_chown=ep cap_kill+i");
  ASSERT_TRUE(masks.ok()) << masks.status();
  EXPECT_EQ(*Encoded(*masks, Format::kTable),
            "CapInh: 0x0000000000000020\nCapPrm: 0x0000000000002001\nCapEff: 0x0000000000002001\n");
}

TEST(ParseNames, ReadsItAlsoAsOurTablesSpellIt) {
  const auto as = [](const char* text) { return *Encoded(*ParseNames(text), Format::kTable); };
  EXPECT_EQ(as("NET_RAW,chown=ep KILL+i"), as("cap_net_raw,cap_chown=ep cap_kill+i"));
  EXPECT_EQ(as("all=p Cap_41-p"), as("=p 41-p"));
}

TEST(ParseNames, WhatItPrintsDecodeReads) {
  for (const char* text : {"docker", "cap_kill=eip", "63,0", "none"}) {
    const auto masks = ParseNames(text);
    ASSERT_TRUE(masks.ok()) << masks.status();
    const auto again = ParseMasks(*Encoded(*masks, Format::kTable));
    ASSERT_TRUE(again.ok()) << again.status();
    ASSERT_EQ(again->size(), masks->size());
    for (size_t i = 0; i < masks->size(); ++i) EXPECT_EQ((*again)[i].value, (*masks)[i].value);
  }
}

TEST(ParseNames, RefusesWhatIsNoName) {
  for (const char* text : {"", ",", "fly", "64", "-", "cap_fly=ep", "--chown", "chown=x"})
    EXPECT_TRUE(absl::IsInvalidArgument(ParseNames(text).status())) << text;
}

TEST(ParseNames, TakesNoNameByItsBeginning) {
  for (const char* text :
       {"chown;net_raw", "chown|net_raw", "chown/x", "cap_chown.", "cap_cap_chown", "cap_",
        "chown\xc3\xb6", "chown\xff", "chown:kill", "chown;kill=ep", "chown|kill=ep", "chown/x=ep",
        "cap_chownx+p", "chown=e;kill=p", "chown=ep;", "chown+", "(chown)", "\"chown\""})
    EXPECT_TRUE(absl::IsInvalidArgument(ParseNames(text).status())) << text;
  EXPECT_TRUE(absl::IsInvalidArgument(ParseNames(std::string("chown\0kill", 10)).status()));
}

TEST(ParseNames, MissesANameBesideAComma) {
  for (const char* text :
       {",chown", "chown,", "chown,,kill", "chown, ,kill", ",", ",,", "chown,=ep"})
    EXPECT_TRUE(absl::IsInvalidArgument(ParseNames(text).status())) << text;
  EXPECT_EQ(Only(" chown ,\tkill "), CapabilitySet({0, 5}));
  EXPECT_EQ(Only("chown,chown,0"), CapabilitySet({0})) << "twice is once";
}

TEST(ParseNames, QuotesNoMoreThanNeeded) {
  const auto names = ParseNames(std::string(60'000, 'x'));
  EXPECT_LT(names.status().message().size(), 200u) << names.status();
}

TEST(DefaultSets, AreAsLargeAsTheRuntimesHaveThem) {
  EXPECT_EQ(DefaultSetOf("docker")->bits(), 0xa80425fbu);
  for (int c = 0; c < kMaxCapabilities; ++c)  // what the catalogue calls commonplace is that set
    EXPECT_EQ(DefaultSetOf("docker")->Has(c), FactsOf(c).commonplace) << CapabilityName(c);
  EXPECT_EQ(DefaultSetOf("containerd"), DefaultSetOf("docker"));
  EXPECT_EQ(DefaultSetOf("crio")->size(), 9);
  EXPECT_EQ(DefaultSetOf("podman")->size(), 11);
  EXPECT_EQ(DefaultSetOf("runc")->size(), 3);
  EXPECT_FALSE(DefaultSetOf("vmware"));
}

TEST(ComparedWithDefaults, NamesTheNearestDefault) {
  const auto compared = [](const char* names) {
    return ComparedWithDefaults(Only(names), AllCapabilities());
  };
  EXPECT_EQ(compared("docker"), "the default of Docker and containerd");
  EXPECT_EQ(compared("docker,sys_admin,-net_raw"),
            "the default of Docker and containerd plus SYS_ADMIN, minus NET_RAW");
  EXPECT_EQ(compared("podman,-kill"), "the default of Podman minus KILL");
  EXPECT_EQ(compared("crio"), "the default of CRI-O");
  EXPECT_EQ(compared("runc"), "the default of runc");
  EXPECT_EQ(compared("all"), "all");
  EXPECT_EQ(compared("all,-sys_module"), "all but SYS_MODULE");
  for (const char* names : {"none", "net_raw", "sys_admin,sys_ptrace,bpf", "kill,sys_boot"})
    EXPECT_EQ(compared(names), "") << names;
}

}  // namespace
}  // namespace capmon
