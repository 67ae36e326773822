// SPDX-License-Identifier: Apache-2.0
// A capmond that answers from the sample recording.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "tests/e2e/sample_recording.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/temp_dir.h"

namespace capmon {

class SampleDaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(WriteFile(directory_ / "recording", SampleRecording()));
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--replay", directory_ / "recording"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }

  TempDir directory_;
  std::optional<CapmonDaemon> daemon_;
};

}  // namespace capmon
