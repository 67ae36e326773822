// SPDX-License-Identifier: Apache-2.0
#include "client/json.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "capmon/v1/capmon.pb.h"

namespace capmon {
namespace {

v1::CapabilityVerdict Example() {
  v1::CapabilityVerdict verdict;
  verdict.set_capability("CAP_NET_RAW");
  verdict.set_reason("line\nbreak \x1b \xe2\x80\x93");
  verdict.mutable_first()->set_seconds(1700000000);
  return verdict;
}

TEST(Json, IsOneDocumentWithNamesAsInTheProtocolAndDefaults) {
  const std::string text = *ToJson(Example(), Format::kJson);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["capability"], "CAP_NET_RAW");
  EXPECT_EQ(json["granted"], false);
  EXPECT_EQ(json["narrower"], nlohmann::json::array());
  EXPECT_EQ(json["reason"], "line\nbreak \x1b \xe2\x80\x93");
  EXPECT_EQ(json["first"], "2023-11-14T22:13:20Z");
  EXPECT_FALSE(json.contains("last")) << "an unset time means never";
  EXPECT_EQ(text.find('\x1b'), text.npos);
}

TEST(Json, TakesOneLineWhereLinesAreWanted) {
  const std::string text = *ToJson(Example(), Format::kJsonLines);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(nlohmann::json::parse(text)["capability"], "CAP_NET_RAW");
}

TEST(Json, SpellsNamesOfMoreWordsWithUnderscores) {
  v1::Confidence confidence;
  const auto json = nlohmann::json::parse(*ToJson(confidence, Format::kJson));
  EXPECT_TRUE(json.contains("observed_seconds"));
  EXPECT_TRUE(json.contains("blind_spots"));
}

}  // namespace
}  // namespace capmon
