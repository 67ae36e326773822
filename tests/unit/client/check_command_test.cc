// SPDX-License-Identifier: Apache-2.0
// With a real shell.
#include "client/run/check_command.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr std::chrono::seconds kAges(600);

TEST(CheckCommand, PassesWhenTheCommandSucceeds) {
  CheckCommand check("exit 0", kAges);
  EXPECT_FALSE(check.passed());
  check.Try();
  EXPECT_TRUE(check.passed());
}

TEST(CheckCommand, RunsUntilItPassesAndNotAgain) {
  const TempDir directory;
  const std::string file = directory / "tries";
  CheckCommand check("echo try >>" + file + "; test $(wc -l <" + file + ") -ge 2", kAges);
  check.Try();
  EXPECT_FALSE(check.passed());
  check.Try();
  EXPECT_TRUE(check.passed());
  check.Try();
  EXPECT_EQ(ReadFile(file), "try\ntry\n");
}

TEST(CheckCommand, TheLastWordCounts) {
  const TempDir directory;
  CheckCommand check("test ! -e " + directory / "broken", kAges);
  check.Try();
  EXPECT_TRUE(check.passed());
  ASSERT_TRUE(WriteFile(directory / "broken", ""));
  check.Conclude();
  EXPECT_FALSE(check.passed());
}

TEST(CheckCommand, GetsItsVariables) {
  CheckCommand check("test \"$CAPMON_TWIN\" = 'a b'", kAges, {{"CAPMON_TWIN", "a b"}});
  check.Try();
  EXPECT_TRUE(check.passed());
}

TEST(CheckCommand, IsRepeatedAfterItPassed) {
  const TempDir directory;
  const std::string file = directory / "tries";
  CheckCommand check("echo try >>" + file, kAges, {}, {.repeat = 2});
  for (int i = 0; i < 5; ++i) check.Try();
  EXPECT_TRUE(check.settled());
  EXPECT_FALSE(check.unsteady());
  EXPECT_EQ(ReadFile(file), "try\ntry\ntry\n");
  // The same after the end, where it is repeated at once.
  check.Conclude();
  EXPECT_TRUE(check.settled());
  EXPECT_EQ(ReadFile(file), "try\ntry\ntry\ntry\ntry\ntry\n");
}

TEST(CheckCommand, PassingAndFailingIsUnsteady) {
  const TempDir directory;
  const std::string file = directory / "tries";
  CheckCommand check("echo try >>" + file + "; test $(wc -l <" + file + ") != 2", kAges, {},
                     {.repeat = 10});
  check.Try();
  EXPECT_FALSE(check.settled());
  check.Try();
  EXPECT_TRUE(check.unsteady());
  EXPECT_TRUE(check.settled());
}

// After the end nothing changes any more, so a failure is repeated like a success.
TEST(CheckCommand, FailingAndPassingAfterTheEndIsUnsteady) {
  const TempDir directory;
  const std::string file = directory / "tries";
  const std::string tries = "echo try >>" + file + "; test $(wc -l <" + file + ") ";
  CheckCommand random(tries + "= 3", kAges, {}, {.repeat = 10});
  random.Conclude();
  EXPECT_TRUE(random.unsteady());
  EXPECT_EQ(ReadFile(file), "try\ntry\ntry\n");
  CheckCommand fails(tries + "= 0", kAges, {}, {.repeat = 2});
  fails.Conclude();
  EXPECT_FALSE(fails.unsteady());
  EXPECT_FALSE(fails.passed());
  EXPECT_EQ(ReadFile(file), "try\ntry\ntry\ntry\ntry\ntry\n");
}

TEST(CheckCommand, NothingIsTriedBeforeItsTime) {
  CheckCommand check("exit 0", kAges, {}, {.after = kAges});
  check.Try();
  EXPECT_FALSE(check.passed());
  EXPECT_FALSE(check.expired());
}

TEST(CheckCommand, WhatHangsIsKilled) {
  CheckCommand check("sleep 600 & wait", std::chrono::seconds(0));
  check.Try();  // returns
  EXPECT_FALSE(check.passed());
  EXPECT_TRUE(check.expired());
}

TEST(CheckCommand, WithoutACommandThereIsNothingToPass) {
  CheckCommand check("", kAges);
  check.Conclude();
  EXPECT_FALSE(check.given());
  EXPECT_FALSE(check.passed());
}

}  // namespace
}  // namespace capmon
