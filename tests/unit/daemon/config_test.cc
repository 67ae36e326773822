// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::ElementsAre;

std::variant<Settings, int> Parse(std::vector<std::string> words) {
  words.insert(words.begin(), "capmond");
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
}

// Without the file of this machine.
Config ConfigOf(std::vector<std::string> words) {
  if (std::ranges::find(words, "--config") == words.end())
    words.insert(words.end(), {"--config", "none"});
  const auto parsed = Parse(words);
  EXPECT_TRUE(std::holds_alternative<Settings>(parsed));
  return std::holds_alternative<Settings>(parsed) ? std::get<Settings>(parsed).config : Config();
}

TEST(ConfigTest, ADirectoryThatWasGivenMustDo) {
  EXPECT_FALSE(ConfigOf({}).state_dir_given);
  EXPECT_FALSE(ConfigOf({}).pin_dir_given);
  const Config config = ConfigOf({"--state-dir", "/somewhere", "--pin-dir", "none"});
  EXPECT_EQ(config.state_dir, "/somewhere");
  EXPECT_TRUE(config.state_dir_given);
  EXPECT_TRUE(config.pin_dir_given);
}

TEST(ConfigTest, ListsReplaceTheDefaults) {
  EXPECT_THAT(ConfigOf({"--run-dir", "/a", "--run-dir", "/b"}).run_dirs, ElementsAre("/a", "/b"));
  EXPECT_THAT(ConfigOf({"--cri-socket", "none"}).cri_sockets, ElementsAre("none"));
}

TEST(ConfigTest, PlaceAndCompletenessAreSettings) {
  const Config config = ConfigOf({"--cluster", "prod", "--node", "node-1", "--complete-starts", "5",
                                  "--complete-instances", "1", "--complete-known-sites", "0"});
  EXPECT_EQ(config.cluster, "prod");
  EXPECT_EQ(config.node, "node-1");
  EXPECT_EQ(config.complete_starts, 5u);
  EXPECT_EQ(config.complete_instances, 1u);
  EXPECT_EQ(config.complete_known_sites, 0u);
  EXPECT_EQ(ConfigOf({}).cluster, "") << "nothing is guessed";
}

TEST(ConfigTest, WhatIsWrongIsAnExitCode) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--state-dir", "relative"},
                                                {"--pin-dir", "relative"},
                                                {"--no-such-flag"},
                                                {"--backend", "ftrace"},
                                                {"--max-checks", "1"},
                                                {"--stable-after", "0"},
                                                {"--complete-starts", "0"},
                                                {"--complete-known-sites", "101"},
                                                {"--replay", "a", "--record", "b"},
                                                {"--log-level", "loud"}}) {
    const auto parsed = Parse(words);
    ASSERT_TRUE(std::holds_alternative<int>(parsed)) << words.front();
    EXPECT_EQ(std::get<int>(parsed), 2) << words.front();
  }
  EXPECT_EQ(std::get<int>(Parse({"--version"})), 0);
}

class ConfigFileTest : public testing::Test {
 protected:
  // The exit code of --check-config, and what it prints.
  int Check(const std::string& text) {
    EXPECT_TRUE(WriteFile(file_, text));
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const auto parsed = Parse({"--check-config", "--config", file_});
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return std::get<int>(parsed);
  }

  TempDir directory_;
  const std::string file_ = directory_ / "capmond.yaml";
  std::string out_, err_;
};

TEST_F(ConfigFileTest, AValidFile) {
  EXPECT_EQ(Check("log_level: warn\n"), 0);
  EXPECT_EQ(out_, file_ + " is valid\n");
  EXPECT_EQ(err_, "");
  EXPECT_EQ(ConfigOf({"--config", file_}).log_level, "warn");
  EXPECT_EQ(ConfigOf({"--config", file_, "--log-level", "error"}).log_level, "error");
}

TEST_F(ConfigFileTest, EveryFaultHasALine) {
  EXPECT_EQ(Check("log_level: loud\nnodes: a\n"), 2);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(std::ranges::count(err_, '\n'), 2) << err_;
  EXPECT_THAT(err_, testing::StartsWith(file_ + ":1:12: "));
  EXPECT_EQ(std::get<int>(Parse({"--config", file_})), 2);
}

TEST_F(ConfigFileTest, WarningsDoNotFail) {
  EXPECT_EQ(Check("sinks: [{name: a, type: syslog, address: 'tls://s', tls: {verify: false}}]\n"),
            0);
  EXPECT_THAT(err_, testing::HasSubstr(": warning: "));
}

TEST_F(ConfigFileTest, AFileThatWasNamedMustExist) {
  EXPECT_EQ(std::get<int>(Parse({"--config", directory_ / "missing"})), 2);
  EXPECT_EQ(std::get<int>(Parse({"--config", directory_.path()})), 2);
}

}  // namespace
}  // namespace capmon
