// SPDX-License-Identifier: Apache-2.0
#include "client/commands/document.h"

#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

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

TEST(Document, IsOneDocumentWithNamesAsInTheProtocolAndDefaults) {
  const std::string text = *Serialize(Example(), Format::kJson);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["capability"], "CAP_NET_RAW");
  EXPECT_EQ(json["granted"], false);
  EXPECT_EQ(json["narrower"], nlohmann::json::array());
  EXPECT_EQ(json["reason"], "line\nbreak \x1b \xe2\x80\x93");
  EXPECT_EQ(json["first"], "2023-11-14T22:13:20Z");
  EXPECT_FALSE(json.contains("last")) << "an unset time means never";
  EXPECT_EQ(text.find('\x1b'), text.npos);
}

TEST(Document, TakesOneLineWhereLinesAreWanted) {
  const std::string text = *Serialize(Example(), Format::kJsonLines);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(nlohmann::json::parse(text)["capability"], "CAP_NET_RAW");
}

TEST(Document, SpellsNamesOfMoreWordsWithUnderscores) {
  v1::Confidence confidence;
  const auto json = nlohmann::json::parse(*Serialize(confidence, Format::kJson));
  EXPECT_TRUE(json.contains("observed_seconds"));
  EXPECT_TRUE(json.contains("blind_spots"));
}

// What a reader of YAML makes of it, every scalar as its text.
nlohmann::json Read(const YAML::Node& node) {
  nlohmann::json result;
  if (node.IsMap())
    for (const auto& pair : node) result[pair.first.as<std::string>()] = Read(pair.second);
  if (node.IsSequence()) {
    result = nlohmann::json::array();
    for (const auto& item : node) result.push_back(Read(item));
  }
  return node.IsScalar() ? nlohmann::json(node.as<std::string>()) : result;
}

TEST(Document, SaysTheSameAsYaml) {
  v1::Profile profile;
  *profile.add_capabilities() = Example();
  profile.mutable_container()->set_name("no: 'it' - \"is\" #1\n\xe2\x80\xae");
  profile.mutable_confidence()->set_known_sites(0.875);
  profile.mutable_confidence()->set_observed_seconds(12);
  const std::string yaml = *Serialize(profile, Format::kYaml);
  const nlohmann::json read = Read(YAML::Load(yaml));
  EXPECT_EQ(read["container"]["name"], profile.container().name());
  EXPECT_EQ(read["capabilities"][0]["reason"], Example().reason());
  EXPECT_EQ(read["capabilities"][0]["narrower"], nlohmann::json::array());
  EXPECT_EQ(read["capabilities"].size(), 1u);
  for (const char* line :
       {"known_sites: 0.875\n", "observed_seconds: \"12\"\n", "granted: false\n"})
    EXPECT_THAT(yaml, testing::HasSubstr(line)) << "of the type it has in JSON";
  EXPECT_EQ(yaml.back(), '\n');
  EXPECT_EQ(yaml.find('\x1b'), yaml.npos);
  EXPECT_EQ(yaml.find("\xe2"), yaml.npos) << "nothing that turns the text of a terminal round";
}

TEST(Document, ManyYamlDocumentsFollowEachOther) {
  const auto documents = YAML::LoadAll(*SerializeItem(Example(), Format::kYaml) +
                                       *SerializeItem(Example(), Format::kYaml));
  ASSERT_EQ(documents.size(), 2u);
  EXPECT_EQ(documents[1]["capability"].as<std::string>(), "CAP_NET_RAW");
  EXPECT_EQ(*SerializeItem(Example(), Format::kJson), *Serialize(Example(), Format::kJsonLines));
}

}  // namespace
}  // namespace capmon
