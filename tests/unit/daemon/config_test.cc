// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

using testing::ElementsAre;

std::variant<Config, int> Parse(std::vector<std::string> words) {
  words.insert(words.begin(), "capmond");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
}

Config Settings(const std::vector<std::string>& words) {
  const auto parsed = Parse(words);
  EXPECT_TRUE(std::holds_alternative<Config>(parsed));
  return std::holds_alternative<Config>(parsed) ? std::get<Config>(parsed) : Config();
}

TEST(ConfigTest, ADirectoryThatWasGivenMustDo) {
  EXPECT_FALSE(Settings({}).state_dir_given);
  EXPECT_FALSE(Settings({}).pin_dir_given);
  const Config config = Settings({"--state-dir", "/somewhere", "--pin-dir", "none"});
  EXPECT_EQ(config.state_dir, "/somewhere");
  EXPECT_TRUE(config.state_dir_given);
  EXPECT_TRUE(config.pin_dir_given);
}

TEST(ConfigTest, ListsReplaceTheDefaults) {
  EXPECT_THAT(Settings({"--run-dir", "/a", "--run-dir", "/b"}).run_dirs, ElementsAre("/a", "/b"));
  EXPECT_THAT(Settings({"--cri-socket", "none"}).cri_sockets, ElementsAre("none"));
}

TEST(ConfigTest, WhatIsWrongIsAnExitCode) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--state-dir", "relative"},
                                                {"--pin-dir", "relative"},
                                                {"--no-such-flag"},
                                                {"--backend", "ftrace"},
                                                {"--max-checks", "1"},
                                                {"--stable-after", "0"},
                                                {"--replay", "a", "--record", "b"},
                                                {"--log-level", "loud"}}) {
    const auto parsed = Parse(words);
    ASSERT_TRUE(std::holds_alternative<int>(parsed)) << words.front();
    EXPECT_EQ(std::get<int>(parsed), 2) << words.front();
  }
  EXPECT_EQ(std::get<int>(Parse({"--version"})), 0);
}

}  // namespace
}  // namespace capmon
