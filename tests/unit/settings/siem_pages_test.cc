// SPDX-License-Identifier: Apache-2.0
// capmond's side of each page in docs/siem is valid.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "daemon/settings/read_settings.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/settings/settings_cases.h"

namespace capmon {
namespace {

// The text of all blocks that begin with "```yaml".
std::vector<std::string> Blocks(const std::string& page) {
  std::vector<std::string> blocks;
  std::istringstream lines(page);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line + "\n";
    } else if (line == "```yaml") {
      inside = true;
      blocks.emplace_back();
    }
  }
  return blocks;
}

TEST(SiemPagesTest, SettingsAreValid) {
  int pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CAPMON_SOURCE_DIR "/docs/siem")) {
    const std::string path = entry.path();
    SCOPED_TRACE(path);
    const std::vector<std::string> blocks = Blocks(ReadFile(path));
    EXPECT_FALSE(blocks.empty());
    for (const std::string& block : blocks) {
      const SettingsFile file = ReadSettings(block, TestHost());
      for (const SettingsFault& fault : file.faults) ADD_FAILURE() << Print("capmond.yaml", fault);
      for (const SettingsFault& warning : file.warnings)
        ADD_FAILURE() << Print("capmond.yaml", warning);
      EXPECT_FALSE(file.feed.sinks.empty());
    }
    ++pages;
  }
  EXPECT_GE(pages, 9);
}

}  // namespace
}  // namespace capmon
