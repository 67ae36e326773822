// SPDX-License-Identifier: Apache-2.0
// capmond does not count its own checks: answering requests changes no profile.
#include <gtest/gtest.h>

#include <string>

#include "generated/build_paths.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/eventually.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;

class OwnChecksTest : public LiveTest {
 protected:
  OwnChecksTest() : LiveTest({}) {}
};

// Checks of every kind counted for the container so far.
uint64_t Checks(const CapmonDaemon& daemon, const std::string& id) {
  const json list = daemon.Json({"list", "--instances", "-a"});
  if (!list.is_object()) return 0;
  for (const json& summary : list.at("containers")) {
    if (summary.at("container").at("id") == id) return Number(summary, "checks");
  }
  return 0;
}

TEST_F(OwnChecksTest, AnsweringDoesNotCount) {
  TestCgroup cgroup;
  ProcessOptions inside;
  inside.cgroups = cgroup.directories();
  TempDir directory;
  auto daemon = CapmonDaemon::Start(directory.path(), {}, inside);
  ASSERT_TRUE(daemon.ok()) << daemon.status();

  const uint64_t before = Checks(*daemon, cgroup.id());
  for (int i = 0; i < 50 / Patience(); ++i)
    ASSERT_TRUE(daemon->Json({"list", "--instances", "-a"}).is_object());
  EXPECT_EQ(Checks(*daemon, cgroup.id()), before);

  // Another process in the same cgroup is counted, so the test above means something.
  ASSERT_EQ(RunProgram({CAPMON_BINARY_DIR "/bin/trigger", "NET_RAW"}, inside).exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return Checks(*daemon, cgroup.id()) > before; }));
  EXPECT_EQ(daemon->Stop().value_or(-1), 0) << daemon->process().err();
}

}  // namespace
}  // namespace capmon
