// SPDX-License-Identifier: Apache-2.0
// Wrong settings files, each with the sentences that refuse it: wrong.txt. After a change of a
// sentence, write the file anew and review the difference:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_settings --gtest_filter='WrongSettings*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/settings/read_settings.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/settings/settings_cases.h"

namespace capmon {
namespace {

constexpr char kCases[] = CAPMON_SOURCE_DIR "/tests/unit/settings/wrong.txt";
constexpr char kPlantedSecret[] = "hunter2";

struct Case {
  std::string name, text, expected;
};

// "### name", the text, and the expected sentences, each after "=> ".
std::vector<Case> Cases() {
  std::vector<Case> cases;
  std::istringstream lines(ReadFile(kCases));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("### "))
      cases.push_back({line.substr(4), "", ""});
    else if (line.starts_with("=> "))
      cases.back().expected += line + "\n";
    else
      cases.back().text += line + "\n";
  }
  return cases;
}

std::string Sentences(const std::string& text) {
  std::string all;
  for (const SettingsFault& fault : ReadSettings(text, TestHost()).faults)
    all += "=> " + Print("capmond.yaml", fault) + "\n";
  return all;
}

TEST(WrongSettingsTest, EachIsRefusedWithPlaceAndRemedy) {
  const std::vector<Case> cases = Cases();
  EXPECT_GE(cases.size(), 50u);
  std::string golden;
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.name);
    const std::string sentences = Sentences(wrong.text);
    golden += "### " + wrong.name + "\n" + wrong.text + sentences;
    EXPECT_EQ(sentences, wrong.expected);
    EXPECT_EQ(sentences.find(kPlantedSecret), sentences.npos);
    const std::vector<SettingsFault> faults = ReadSettings(wrong.text, TestHost()).faults;
    ASSERT_FALSE(faults.empty());
    for (const SettingsFault& fault : faults) {
      EXPECT_NE(fault.what.find("; "), std::string::npos) << "no remedy: " << fault.what;
      EXPECT_EQ(fault.what.find('\n'), std::string::npos);
      EXPECT_LE(fault.place.line, std::count(wrong.text.begin(), wrong.text.end(), '\n') + 1);
    }
  }
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) WriteFile(kCases, golden);
}

}  // namespace
}  // namespace capmon
