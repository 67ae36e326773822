// SPDX-License-Identifier: Apache-2.0
// The sample file and docs/configuration.md follow from the table of options. Write them anew with
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_settings --gtest_filter='Options*'
#include "daemon/settings/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <sstream>

#include "daemon/settings/read_settings.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/settings/settings_cases.h"

namespace capmon {
namespace {

constexpr char kSample[] = CAPMON_SOURCE_DIR "/deploy/capmond.yaml";
constexpr char kDocument[] = CAPMON_SOURCE_DIR "/docs/configuration.md";

std::string Capitalised(const std::string& accepts) {
  return static_cast<char>(std::toupper(accepts[0])) + accepts.substr(1);
}

// The block of one option in the sample.
std::string SampleOf(const Option& option) {
  return "# " + option.help + ".\n# " + Capitalised(Accepts(option)) + ". Flag " +
         option.flag.substr(0, option.flag.find(',')) + ".\n#" + ExampleOf(option) + "\n\n";
}

// A row of the table in the document.
std::string RowOf(const Option& option) {
  const std::string value = AsYaml(option, Config());
  std::string help = option.help;
  return "| `" + option.key + "` | `" + option.flag.substr(0, option.flag.find(',')) + "` | " +
         Accepts(option) + " | " + (value.empty() ? "" : "`" + value + "`") + " | " + help + " |\n";
}

// Compares the part of a file between two lines, or replaces it.
void ExpectPart(const std::string& path, const std::string& begin, const std::string& end,
                const std::string& part) {
  const std::string text = ReadFile(path);
  const size_t from = text.find(begin), to = text.find(end);
  ASSERT_TRUE(from != text.npos && to != text.npos) << path << " has no " << begin;
  const size_t start = from + begin.size();
  EXPECT_EQ(text.substr(start, to - start), part) << path;
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr)
    WriteFile(path, text.substr(0, start) + part + text.substr(to));
}

TEST(OptionsTest, KeysFollowFromFlags) {
  std::set<std::string> keys;
  for (const Option& option : Options()) {
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    EXPECT_TRUE(option.flag.starts_with("--")) << option.flag;
    EXPECT_FALSE(option.help.empty()) << option.key;
  }
}

TEST(OptionsTest, TheSampleHasEveryOption) {
  std::string part;
  for (const Option& option : Options()) part += SampleOf(option);
  ExpectPart(kSample, "# ---- capmond ----\n\n", "# ---- Sinks ----\n", part);
}

TEST(OptionsTest, TheDocumentHasEveryOption) {
  std::string part;
  for (const Option& option : Options()) part += RowOf(option);
  ExpectPart(
      kDocument,
      "<!-- options -->\n| key | flag | accepts | default | meaning |\n|---|---|---|---|---|\n",
      "<!-- end of options -->\n", part);
}

TEST(OptionsTest, TheSampleIsValid) {
  const SettingsFile file = ReadSettings(ReadFile(kSample), TestHost());
  for (const SettingsFault& fault : file.faults) ADD_FAILURE() << Print(kSample, fault);
  EXPECT_THAT(file.keys, testing::IsEmpty());
}

// "#key: value" and "#  - key: value" are settings, "# Words" is a comment.
bool IsSetting(const std::string& line) {
  return line.size() > 2 && line[0] == '#' && (line[1] != ' ' || line[2] == ' ');
}
std::string Uncommented(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);)
    result += (IsSetting(line) ? line.substr(1) : line) + "\n";
  return result;
}

TEST(OptionsTest, EveryLineOfTheSampleWorks) {
  // replay excludes record; an example has to be chosen.
  std::string text = Uncommented(ReadFile(kSample));
  const size_t replay = text.find("\nreplay:");
  ASSERT_NE(replay, text.npos);
  text.insert(replay + 1, "#");
  const SettingsFile file = ReadSettings(text, TestHost());
  for (const SettingsFault& fault : file.faults) ADD_FAILURE() << Print(kSample, fault);
  EXPECT_EQ(file.keys.size() + 1, Options().size());
  EXPECT_GE(file.feed.sinks.size(), 10u);
  EXPECT_FALSE(file.feed.exceptions.empty());
  // A default that is written is the default.
  const Config defaults;
  for (const Option& option : Options())
    if (option.example.empty()) {
      EXPECT_TRUE(Equal(option, file.config, defaults)) << option.key;
    }
}

}  // namespace
}  // namespace capmon
