// SPDX-License-Identifier: Apache-2.0
// Fixtures of the live tier. If the machine lacks something, the test is skipped with the reason;
// with CAPMON_REQUIRE_LIVE=1 it fails.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/capmon_daemon.h"
#include "tests/support/temp_dir.h"

namespace capmon {

// The words of a command line.
using Line = std::vector<std::string>;
inline Line operator+(Line line, const Line& more) {
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

class LiveTest : public testing::Test {
 protected:
  explicit LiveTest(std::vector<std::string> programs = {"runc"})
      : programs_(std::move(programs)) {}
  void SetUp() override;
  // False: the test was skipped or has failed already; SetUp() of a derived fixture returns.
  bool CanRun() const { return !IsSkipped() && !HasFatalFailure(); }

 private:
  std::vector<std::string> programs_;  // needed on $PATH
};

// One capmond for all tests of a suite.
class WatchedTest : public LiveTest {
 protected:
  using LiveTest::LiveTest;
  void SetUp() override;
  static void TearDownTestSuite();
  static CapmonDaemon& daemon() { return *daemon_; }

 private:
  static inline std::unique_ptr<TempDir> directory_;
  static inline std::optional<CapmonDaemon> daemon_;
};

}  // namespace capmon
