// SPDX-License-Identifier: Apache-2.0
// A netlink request that changes nothing needs nothing; one that changes something needs the
// capability, however it is sent.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

const std::set<std::string> kNothing;
const std::set<std::string> kNetAdmin = {"CAP_NET_ADMIN"};

// Since 6.3 a tracepoint shows the kernel's answer.
bool AnswersAreSeen() {
  return ReadFile("/sys/kernel/btf/vmlinux").find("btf_trace_sk_data_ready") != std::string::npos;
}

class QuestionTest : public WatchedTest {
 protected:
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeWalkerRootfs(directory_ / "rootfs").ok());
  }
  json After(const std::string& deed, const std::vector<std::string>& held = {"CAP_NET_ADMIN"}) {
    auto container = RuncContainer::Start({directory_ / "rootfs", {"/bin/walker", deed}, held});
    EXPECT_TRUE(container.ok()) << container.status();
    if (!container.ok()) return {};
    EXPECT_EQ(container->process().Wait().value_or(-1), 0)
        << container->process().out() << container->process().err();
    return FinalProfile(daemon(), container->id());
  }
  void ExpectNeeds(const std::string& deed, const std::set<std::string>& needs) {
    const json profile = After(deed);
    EXPECT_EQ(Keep(profile), needs) << deed << profile.dump(1);
  }

 private:
  TempDir directory_;
};

TEST_F(QuestionTest, AnEmptyRequestNeedsNothing) {
  if (!CanRun()) return;
  ExpectNeeds("ask-about-links", AnswersAreSeen() ? kNothing : kNetAdmin);
}

TEST_F(QuestionTest, AnEmptyRequestMissesNothing) {
  if (!CanRun()) return;
  if (!AnswersAreSeen()) GTEST_SKIP() << "this kernel does not show netlink's answers";
  const json profile = After("ask-about-links", {});
  EXPECT_EQ(Row(profile, "CAP_NET_ADMIN").value("verdict", ""), "probed") << profile.dump(1);
}

TEST_F(QuestionTest, AChangeIsNeeded) {
  if (!CanRun()) return;
  ExpectNeeds("change-link", kNetAdmin);
  ExpectNeeds("change-link-unanswered", kNetAdmin);
}

TEST_F(QuestionTest, AChangeAmongQuestionsIsNeeded) {
  if (!CanRun()) return;
  ExpectNeeds("change-link-before-asking", kNetAdmin);
  ExpectNeeds("ask-and-change-link", kNetAdmin);
}

}  // namespace
}  // namespace capmon
