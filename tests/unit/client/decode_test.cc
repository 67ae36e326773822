// SPDX-License-Identifier: Apache-2.0
#include "client/commands/decode.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace capmon {
namespace {

TEST(ParseMask, ReadsHexadecimalWithAndWithoutPrefix) {
  for (const char* text : {"a80425fb", "00000000a80425fb", "0xA80425FB", "0X00000000a80425fb"})
    EXPECT_EQ(ParseMask(text)->bits(), 0xa80425fbu) << text;
  EXPECT_EQ(ParseMask("ffffffffffffffff")->size(), 64);
  EXPECT_TRUE(ParseMask("0")->empty());
}

TEST(ParseMask, RefusesWhatIsNoMask) {
  for (const char* text : {"", "0x", "xyz", "-1", "+1", " 1", "1 ", "0x0x1", "10000000000000000"})
    EXPECT_TRUE(absl::IsInvalidArgument(ParseMask(text).status())) << text;
}

std::vector<Mask> Masks(const std::string& text) {
  const auto masks = ParseMasks(text);
  EXPECT_TRUE(masks.ok()) << masks.status();
  return masks.value_or(std::vector<Mask>());
}

TEST(ParseMasks, ReadsWhatPeoplePaste) {
  EXPECT_EQ(Masks("CapEff:\t0000000000002001")[0].set, "CapEff");
  EXPECT_EQ(Masks("CapEff:\t0000000000002001")[0].value, CapabilitySet({0, 13}));
  EXPECT_EQ(Masks(" capprm:0X1 ")[0].set, "CapPrm");
  EXPECT_EQ(Masks("1 2\n\t4").size(), 3u);
  EXPECT_EQ(Masks("CapInh: 1 CapPrm: 2")[1].set, "CapPrm");
}

TEST(ParseMasks, TakesTheWholeStatusOfAProcess) {
  const auto masks =
      Masks("Name:\tcat: x\nUid:\t0\t0\t0\t0\nCapInh:\t0\nCapBnd:\t1\nSeccomp:\t0\n");
  ASSERT_EQ(masks.size(), 2u);
  EXPECT_EQ(masks[1].set, "CapBnd");
  EXPECT_EQ(masks[1].value, CapabilitySet({0}));
}

TEST(ParseMasks, RefusesWhatIsNoMask) {
  for (const char* text : {"", " \n", "Name: 1", "CapEff:", "CapEff: x", "CapFly: 1", "1 x"})
    EXPECT_TRUE(absl::IsInvalidArgument(ParseMasks(text).status())) << text;
  const auto endless = ParseMasks(std::string(100'000, 'f'));
  EXPECT_LT(endless.status().message().size(), 200u);
}

TEST(Decoded, ListsNamesInNumericOrder) {
  EXPECT_EQ(*Decoded({{"", CapabilitySet({13, 0})}}, Format::kTable),
            "0x0000000000002001=CAP_CHOWN,CAP_NET_RAW\n");
  EXPECT_EQ(*Decoded({{"CapEff", {}}}, Format::kTable), "CapEff: 0x0000000000000000=\n");
}

TEST(Decoded, OneMaskIsOneJsonObject) {
  for (const Format format : {Format::kJson, Format::kJsonLines}) {
    const auto json = nlohmann::json::parse(*Decoded({{"", CapabilitySet({13, 0})}}, format));
    EXPECT_EQ(json["mask"], "0x0000000000002001");
    EXPECT_EQ(json["capabilities"], nlohmann::json::array({"CAP_CHOWN", "CAP_NET_RAW"}));
    EXPECT_TRUE(nlohmann::json::parse(*Decoded({{"", {}}}, format))["capabilities"].empty());
  }
}

TEST(Decoded, SeveralMasksAreOneJsonDocument) {
  const auto json = nlohmann::json::parse(*Decoded({{"CapEff", {}}, {"", {}}}, Format::kJson));
  ASSERT_EQ(json["masks"].size(), 2u);
  EXPECT_EQ(json["masks"][0]["set"], "CapEff");
  EXPECT_FALSE(json["masks"][1].contains("set"));
}

TEST(Decoded, NumbersWhatHasNoName) {
  EXPECT_EQ(*Decoded({{"", CapabilitySet({63})}}, Format::kTable), "0x8000000000000000=CAP_63\n");
}

}  // namespace
}  // namespace capmon
