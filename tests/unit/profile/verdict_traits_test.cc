// SPDX-License-Identifier: Apache-2.0
// The table of verdicts, and the document with the same table.
#include "daemon/profile/verdict_traits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "generated/build_paths.h"

namespace capmon {
namespace {

std::vector<std::string> RowsOfTheDocument() {
  std::ifstream file(CAPMON_SOURCE_DIR "/docs/verdicts.md");
  std::vector<std::string> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| verdict |")) inside = true;
    if (inside && line.empty()) break;
    if (inside && !line.starts_with("| verdict |") && !line.starts_with("|---"))
      rows.push_back(line);
  }
  return rows;
}

TEST(VerdictTraits, TheDocumentHasExactlyTheseRows) {
  std::vector<std::string> expected;
  for (const VerdictTraits& traits : kVerdicts)
    expected.push_back(std::string("| ") + traits.name + " | " + traits.rule + " | " + traits.kept +
                       " |");
  EXPECT_EQ(RowsOfTheDocument(), expected);
}

TEST(VerdictTraits, EveryNameIsReadBack) {
  for (const VerdictTraits& traits : kVerdicts)
    EXPECT_EQ(ParseVerdict(traits.name), traits.verdict);
  EXPECT_EQ(ParseVerdict("of-tomorrow"), std::nullopt);
  EXPECT_EQ(ParseVerdict(""), std::nullopt);
}

TEST(VerdictTraits, ACheckWithoutNeedIsNeitherANeedNorAnAlert) {
  for (const VerdictTraits& traits : kVerdicts) {
    if (!traits.without_need) continue;
    EXPECT_FALSE(traits.is_need) << traits.name;
    EXPECT_EQ(traits.refusal, Refusal::kNothing) << traits.name;
  }
}

}  // namespace
}  // namespace capmon
