// SPDX-License-Identifier: Apache-2.0
#include "tests/live/live_test.h"

#include <unistd.h>

#include <cstdlib>

namespace capmon {
namespace {

// Empty when everything is there.
std::string WhyNot(const std::vector<std::string>& programs) {
  if (geteuid() != 0) return "needs root";
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) return "needs a kernel with BTF";
  for (const std::string& program : programs) {
    if (!OnPath(program)) return "needs " + program;
  }
  return "";
}

bool Required() {
  const char* value = std::getenv("CAPMON_REQUIRE_LIVE");
  return value != nullptr && std::string(value) == "1";
}

}  // namespace

void LiveTest::SetUp() {
  const std::string reason = WhyNot(programs_);
  if (reason.empty()) return;
  if (Required()) FAIL() << reason;
  GTEST_SKIP() << reason;
}

void WatchedTest::SetUp() {
  LiveTest::SetUp();
  if (!CanRun() || daemon_) return;
  directory_ = std::make_unique<TempDir>();
  auto started = CapmonDaemon::Start(directory_->path());
  ASSERT_TRUE(started.ok()) << started.status();
  daemon_.emplace(*std::move(started));
}

void WatchedTest::TearDownTestSuite() {
  if (daemon_) {
    EXPECT_EQ(daemon_->Stop().value_or(-1), 0) << daemon_->process().err();
  }
  daemon_.reset();
  directory_.reset();
}

}  // namespace capmon
