// SPDX-License-Identifier: Apache-2.0
#include "client/decode.h"

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

TEST(Decoded, ListsNamesInNumericOrder) {
  EXPECT_EQ(Decoded(CapabilitySet({13, 0}), Format::kTable),
            "0x0000000000002001=CAP_CHOWN,CAP_NET_RAW\n");
  EXPECT_EQ(Decoded(CapabilitySet(), Format::kTable), "0x0000000000000000=\n");
}

TEST(Decoded, IsOneJsonDocument) {
  for (const Format format : {Format::kJson, Format::kJsonLines}) {
    const auto json = nlohmann::json::parse(Decoded(CapabilitySet({13, 0}), format));
    EXPECT_EQ(json["mask"], "0x0000000000002001");
    EXPECT_EQ(json["capabilities"], nlohmann::json::array({"CAP_CHOWN", "CAP_NET_RAW"}));
    EXPECT_TRUE(nlohmann::json::parse(Decoded(CapabilitySet(), format))["capabilities"].empty());
  }
}

TEST(Decoded, NumbersWhatHasNoName) {
  EXPECT_EQ(Decoded(CapabilitySet({63}), Format::kTable), "0x8000000000000000=CAP_63\n");
}

}  // namespace
}  // namespace capmon
