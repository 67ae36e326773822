// SPDX-License-Identifier: Apache-2.0
// With a real shell.
#include "client/run/health_check.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr std::chrono::seconds kAges(600);

TEST(HealthCheck, PassesWhenTheCommandSucceeds) {
  HealthCheck check("exit 0", kAges);
  EXPECT_FALSE(check.passed());
  check.Try();
  EXPECT_TRUE(check.passed());
}

TEST(HealthCheck, RunsUntilItPassesAndNotAgain) {
  const TempDir directory;
  const std::string file = directory / "tries";
  HealthCheck check("echo try >>" + file + "; test $(wc -l <" + file + ") -ge 2", kAges);
  check.Try();
  EXPECT_FALSE(check.passed());
  check.Try();
  EXPECT_TRUE(check.passed());
  check.Try();
  EXPECT_EQ(ReadFile(file), "try\ntry\n");
}

TEST(HealthCheck, TheLastWordCounts) {
  const TempDir directory;
  HealthCheck check("test ! -e " + directory / "broken", kAges);
  check.Try();
  EXPECT_TRUE(check.passed());
  ASSERT_TRUE(WriteFile(directory / "broken", ""));
  check.Conclude();
  EXPECT_FALSE(check.passed());
}

TEST(HealthCheck, GetsItsVariables) {
  HealthCheck check("test \"$CAPMON_TWIN\" = 'a b'", kAges, {{"CAPMON_TWIN", "a b"}});
  check.Try();
  EXPECT_TRUE(check.passed());
}

TEST(HealthCheck, WhatHangsIsKilled) {
  HealthCheck check("sleep 600 & wait", std::chrono::seconds(0));
  check.Try();  // returns
  EXPECT_FALSE(check.passed());
  EXPECT_TRUE(check.expired());
}

TEST(HealthCheck, WithoutACommandThereIsNothingToPass) {
  HealthCheck check("", kAges);
  check.Conclude();
  EXPECT_FALSE(check.given());
  EXPECT_FALSE(check.passed());
}

}  // namespace
}  // namespace capmon
