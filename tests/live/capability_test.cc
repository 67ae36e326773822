// SPDX-License-Identifier: Apache-2.0
// One action, one capability: for a container with exactly what its program needs, capmon
// recommends exactly that; without it, the same program is seen to be denied.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/bpf_objects.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;
using Capabilities = std::set<std::string>;

class CapabilityTest : public WatchedTest, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    const auto made = MakeTriggerRootfs(directory_.path());
    ASSERT_TRUE(made.ok()) << made;
  }

  std::string capability() const { return std::string("CAP_") + GetParam(); }

  // Runs the action to its end and returns the profile of the ended container.
  void RunTrigger(const std::vector<std::string>& held, int* exit_code, json* profile) {
    auto container = RuncContainer::Start({directory_.path(), {"/bin/trigger", GetParam()}, held});
    ASSERT_TRUE(container.ok()) << container.status();
    *exit_code = container->process().Wait().value_or(-1);
    output_ = container->process().out() + container->process().err();
    if (*exit_code == 3) GTEST_SKIP() << "this kernel has nothing to ask " << GetParam() << " for";
    *profile = FinalProfile(daemon(), container->id());
  }

  std::string output_;

 private:
  TempDir directory_;
};

TEST_P(CapabilityTest, HeldAndUsedIsKeptAloneOfAll) {
  int exit_code = -1;
  json profile;
  RunTrigger({capability()}, &exit_code, &profile);
  if (!CanRun()) return;
  ASSERT_EQ(exit_code, 0) << output_;

  const json row = Row(profile, capability());
  ASSERT_TRUE(row.is_object()) << profile.dump(1);
  EXPECT_TRUE(row.at("granted"));
  EXPECT_TRUE(row.at("keep"));
  EXPECT_GE(Number(row, "count"), 1u);
  EXPECT_EQ(Number(row, "denied"), 0u);
  EXPECT_EQ(NeededByVerdict(profile), Capabilities{capability()}) << profile.dump(1);
  EXPECT_EQ(Keep(profile), Capabilities{capability()}) << profile.dump(1);
}

TEST_P(CapabilityTest, NotHeldIsSeenDenied) {
  int exit_code = -1;
  json profile;
  RunTrigger({}, &exit_code, &profile);
  if (!CanRun()) return;
  ASSERT_EQ(exit_code, 1) << output_;

  const json row = Row(profile, capability());
  ASSERT_TRUE(row.is_object()) << profile.dump(1);
  EXPECT_FALSE(row.at("granted"));
  EXPECT_FALSE(row.at("keep"));
  const std::string verdict = row.at("verdict");
  // Without results, a denial before something cheaper counts as a probe.
  if (verdict == "probed" && !KernelTellsResults()) return;
  EXPECT_GE(Number(row, "denied"), 1u) << row.dump(1);
  // Without FSETID nothing fails: the file silently loses its bit.
  const bool silent = capability() == "CAP_FSETID";
  EXPECT_TRUE(silent ? verdict == "degrades" : verdict == "missing" || verdict == "tried")
      << row.dump(1);
  Capabilities needed_besides = NeededByVerdict(profile);
  if (silent) needed_besides.erase(capability());
  EXPECT_EQ(needed_besides, Capabilities{}) << profile.dump(1);
  EXPECT_EQ(Keep(profile), Capabilities{}) << profile.dump(1);
}

INSTANTIATE_TEST_SUITE_P(EachTrigger, CapabilityTest,
                         testing::Values("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",
                                         "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
                                         "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN",
                                         "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_CHROOT",
                                         "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_NICE",
                                         "MKNOD", "LEASE", "SETFCAP", "SYSLOG", "WAKE_ALARM", "BPF",
                                         "PERFMON", "CHECKPOINT_RESTORE"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace capmon
