// SPDX-License-Identifier: Apache-2.0
// Every CPU makes checks of one kind as fast as it can, while counters are read all the time: all
// of them, and those of the container alone. Each check counts once.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/child_process.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;

constexpr char kTrigger[] = CAPMON_BINARY_DIR "/bin/trigger";
constexpr uint64_t kChecks = 400'000;  // of each process

class FullSpeedTest : public WatchedTest {
 protected:
  FullSpeedTest() : WatchedTest(std::vector<std::string>{}) {}

  static std::vector<ChildProcess> StartOnEveryCpu(const TestCgroup& cgroup) {
    ProcessOptions options;
    options.cgroups = cgroup.directories();
    std::vector<ChildProcess> processes;
    for (unsigned cpu = 0; cpu < std::max(2U, std::thread::hardware_concurrency()); ++cpu) {
      auto process =
          ChildProcess::Start({kTrigger, "--count", std::to_string(kChecks), "NET_RAW"}, options);
      EXPECT_TRUE(process.ok()) << process.status();
      if (process.ok()) processes.push_back(*std::move(process));
    }
    return processes;
  }
  static uint64_t Counted(const json& profile) {
    return Number(Row(profile, "CAP_NET_RAW"), "count");
  }
  // A kernel that preempts programs skips some, and says how many.
  static uint64_t Skipped(const json& profile) {
    return Number(profile.at("confidence").at("losses"), "recursion");
  }
};

TEST_F(FullSpeedTest, EachCheckCountsOnceWhileCountersAreReadAllTheTime) {
  const TestCgroup cgroup;
  const TestCgroup bystander;
  ASSERT_FALSE(cgroup.directories().empty());
  std::vector<ChildProcess> processes = StartOnEveryCpu(cgroup);
  std::vector<ChildProcess> others = StartOnEveryCpu(bystander);
  uint64_t before = 0, answers = 0;
  const auto running = [](ChildProcess& process) { return process.Running(); };
  while (std::ranges::any_of(processes, running) || std::ranges::any_of(others, running)) {
    const json profile = daemon().Json({"profile", cgroup.id()});
    if (profile.is_object()) {
      EXPECT_GE(Counted(profile), before) << "no count is taken back";
      before = Counted(profile);
      ++answers;
    }
    if (answers % 4 == 0) daemon().Capmon({"list", "--instances"});
  }
  EXPECT_GT(answers, 1U);
  for (const TestCgroup* const container : {&cgroup, &bystander}) {
    const json profile = daemon().Json({"profile", container->id()});
    const uint64_t made = processes.size() * kChecks;
    EXPECT_LE(Counted(profile), made) << profile.dump(1);
    EXPECT_GE(Counted(profile) + Skipped(profile), made) << profile.dump(1);
  }
}

}  // namespace
}  // namespace capmon
