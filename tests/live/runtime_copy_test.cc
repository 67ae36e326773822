// SPDX-License-Identifier: Apache-2.0
// A runtime that executes a sealed copy of itself in memory before it enters the container is not
// the workload.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "daemon/base/unique_fd.h"
#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;

class RuntimeCopyTest : public WatchedTest {
 protected:
  RuntimeCopyTest() : WatchedTest({}) {}
};

TEST_F(RuntimeCopyTest, WhatRunsFromMemoryIsTheRuntime) {
  const std::string program = ReadFile(CAPMON_BINARY_DIR "/bin/trigger");
  const UniqueFd copy(memfd_create("copy", 0));
  ASSERT_EQ(write(copy.get(), program.data(), program.size()),
            static_cast<ssize_t>(program.size()));
  TestCgroup cgroup;
  ProcessOptions inside;
  inside.cgroups = cgroup.directories();
  const std::string path =
      "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(copy.get());
  const Outcome outcome = RunProgram({path, "NET_RAW"}, inside);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;

  const json profile = ProfileOnce(daemon(), cgroup.id(), [](const json& now) {
    return Number(Row(now, "CAP_NET_RAW"), "checks") > 0;
  });
  // No start of the container's own program was seen, so nothing is called unused.
  const json row = Row(profile, "CAP_NET_RAW");
  EXPECT_EQ(row.value("verdict", ""), "unknown") << profile.dump(1);
  ASSERT_EQ(row.at("evidence").size(), 1u) << profile.dump(1);
  EXPECT_EQ(row.at("evidence")[0].at("verdict"), "runtime-only") << profile.dump(1);
  EXPECT_EQ(Keep(profile), std::set<std::string>{}) << profile.dump(1);
}

}  // namespace
}  // namespace capmon
