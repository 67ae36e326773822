// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace capmon {
namespace {

using testing::HasSubstr;

YamlStream Read(const std::string& text, YamlLimits limits = {}) { return ReadYaml(text, limits); }

std::string Fault(const std::string& text, YamlLimits limits = {}) {
  const YamlStream stream = Read(text, limits);
  if (!stream.fault) return "";
  return std::to_string(stream.fault->place.line) + ":" +
         std::to_string(stream.fault->place.column) + ": " + stream.fault->what;
}

TEST(YamlReaderTest, PlacesAreThoseOfAnEditor) {
  const YamlStream stream = Read("a: 1\nb:\n  - c: [x, y]\n---\nd: \"true\"\n");
  ASSERT_FALSE(stream.fault);
  ASSERT_EQ(stream.documents.size(), 2u);
  const YamlMember* const b = stream.documents[0].Find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->place, (TextPlace{2, 1}));
  EXPECT_EQ(b->value.items[0].At("c").items[1].place, (TextPlace{3, 12}));
  EXPECT_EQ(AsInteger(stream.documents[0].At("a")), 1);
  EXPECT_EQ(AsBool(stream.documents[1].At("d")), std::nullopt) << "it is quoted";
}

TEST(YamlReaderTest, JsonIsYaml) {
  const YamlStream stream = Read("{\n\t\"a\": [1, true, null, \"x\"],\n\t\"b\": {}\n}\n");
  ASSERT_FALSE(stream.fault) << stream.fault->what;
  EXPECT_EQ(stream.documents[0].At("a").items.size(), 4u);
  EXPECT_TRUE(stream.documents[0].At("b").is_map());
}

TEST(YamlReaderTest, AliasesAndMergeKeysAreExpanded) {
  const YamlStream stream = Read(
      "base: &b {x: 1, y: 2}\n"
      "one:\n  <<: *b\n  y: 3\n"
      "two: {<<: [{z: 9}, *b], x: 0}\n");
  ASSERT_FALSE(stream.fault) << stream.fault->what;
  const YamlValue& document = stream.documents[0];
  EXPECT_EQ(document.At("one").At("x").text, "1");
  EXPECT_EQ(document.At("one").At("y").text, "3");
  EXPECT_EQ(document.At("two").At("x").text, "0");
  EXPECT_EQ(document.At("two").At("z").text, "9");
  EXPECT_EQ(document.At("one").At("<<").is_null(), true);
}

TEST(YamlReaderTest, RefusesWhatIsNoTree) {
  EXPECT_THAT(Fault("a: 1\na: 2\n"), HasSubstr("2:1: the key a stands there twice"));
  EXPECT_THAT(Fault("[a]: 1\n"), HasSubstr("a key is a list or a map"));
  EXPECT_THAT(Fault("a: &x [*x]\n"), HasSubstr("1:8: an alias stands inside its own anchor"));
  EXPECT_THAT(Fault("a: *nothing\n"), HasSubstr("1:4: "));
  EXPECT_THAT(Fault("a: {b: 1\n"), HasSubstr("2:1: "));
  EXPECT_THAT(Fault("a: 1\n\tb: 2\n"), HasSubstr("2:"));
  EXPECT_THAT(Fault("a: 1\nb: \xff\n"), HasSubstr("2:4: the text is not UTF-8"));
  EXPECT_THAT(Fault(std::string("a: \0", 4)), HasSubstr("1:4: the text has a zero byte"));
}

TEST(YamlReaderTest, EveryInputIsBounded) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string n = std::to_string(i), before = "*a" + std::to_string(i - 1);
    bomb += "a" + n + ": &a" + n + " [" + before;
    for (int k = 0; k < 8; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(Fault(bomb), HasSubstr("more than 200000 values"));
  std::string tower = "a0: &a0 [x]\n";
  for (int i = 1; i < 3000; ++i)
    tower += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
             "]\n";
  EXPECT_THAT(Fault(tower), HasSubstr("nest deeper than 100"));
  EXPECT_THAT(Fault(std::string(1'000'000, '[')), HasSubstr("1:"));
  EXPECT_THAT(Fault(std::string(100'000, '{')), HasSubstr("1:"));
  EXPECT_THAT(Fault(std::string(5 << 20, 'x')), HasSubstr("bytes, more than"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "---\na\n";
  EXPECT_THAT(Fault(many), HasSubstr("more than 1000 documents"));
}

TEST(YamlReaderTest, RefusesAliasesWhereNoneBelong) {
  EXPECT_THAT(Fault("a: &x 1\n", {.aliases = false}), HasSubstr("an anchor is not accepted here"));
  EXPECT_THAT(Fault("a: &x 1\nb: *x\n", {.aliases = false}), HasSubstr("1:"));
}

}  // namespace
}  // namespace capmon
