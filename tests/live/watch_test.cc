// SPDX-License-Identifier: Apache-2.0
// `capmon watch`: checks as they happen, of one container or of all.
#include <gtest/gtest.h>
#include <signal.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

class WatchTest : public WatchedTest {
 protected:
  void SetUp() override {
    WatchedTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeTriggerRootfs(directory_.path()).ok());
  }

  // Starts a container that uses NET_RAW once for each line of input.
  absl::StatusOr<RuncContainer> StartObedient() const {
    std::vector<std::string> command = {"/bin/trigger"};
    for (int i = 0; i < 1000; ++i) command.insert(command.end(), {"wait", "NET_RAW"});
    return RuncContainer::Start({directory_.path(), command, {"CAP_NET_RAW"}});
  }

 private:
  TempDir directory_;
};

// Counts the lines about this capability in this container; -1 if a line is no JSON.
int LinesAbout(const std::string& lines, const std::string& container,
               const std::string& capability) {
  int found = 0;
  std::istringstream text(lines);
  for (std::string line; std::getline(text, line);) {
    if (text.eof()) break;  // not all of it is there yet
    const json event = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!event.is_object()) return -1;
    if (event.at("container").at("id") == container && event.at("capability") == capability) {
      ++found;
    }
  }
  return found;
}

TEST_F(WatchTest, ShowsTheRequestedContainerOrAll) {
  auto asked = StartObedient();
  ASSERT_TRUE(asked.ok()) << asked.status();
  auto other = StartObedient();
  ASSERT_TRUE(other.ok()) << other.status();
  for (const std::string& id : {asked->id(), other->id()}) {
    ASSERT_TRUE(Eventually([&] { return daemon().Capmon({"profile", id}).exit_code == 0; }));
  }
  auto watch = ChildProcess::Start(daemon().CommandLine({"watch", asked->id(), "-o", "jsonl"}));
  ASSERT_TRUE(watch.ok()) << watch.status();
  auto watch_all = ChildProcess::Start(daemon().CommandLine({"watch", "-o", "jsonl"}));
  ASSERT_TRUE(watch_all.ok()) << watch_all.status();

  // Nothing shows that a watch has begun, so the action is repeated until it is seen.
  EXPECT_TRUE(Eventually([&] {
    asked->process().WriteLine("again");
    other->process().WriteLine("again");
    return LinesAbout(watch->out(), asked->id(), "CAP_NET_RAW") > 0 &&
           LinesAbout(watch_all->out(), asked->id(), "CAP_NET_RAW") > 0 &&
           LinesAbout(watch_all->out(), other->id(), "CAP_NET_RAW") > 0;
  })) << watch->out()
      << watch->err() << watch_all->err();
  EXPECT_EQ(LinesAbout(watch->out(), other->id(), "CAP_NET_RAW"), 0);

  watch->Signal(SIGINT);
  EXPECT_EQ(watch->Wait().value_or(-1), 0) << watch->err();
}

}  // namespace
}  // namespace capmon
