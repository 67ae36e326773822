// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/replay_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "daemon/collector/event_text.h"
#include "daemon/collector/recorder.h"

namespace capmon {
namespace {

std::string Write(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

TEST(ReplaySource, DeliversWhatTheRecorderWrote) {
  const std::string path = testing::TempDir() + "/round.trip";
  {
    auto recorder = Recorder::Create(path);
    ASSERT_TRUE(recorder.ok()) << recorder.status();
    recorder->Write(CgroupMade{1, 2, "/docker/x", false});
    recorder->Write(Tick{5});
    ASSERT_TRUE(recorder->Flush().ok());
  }
  auto source = ReplaySource::Open(path);
  ASSERT_TRUE(source.ok()) << source.status();
  std::vector<std::string> lines;
  ASSERT_TRUE((*source)->Drain([&](const KernelEvent& e) { lines.push_back(ToText(e)); }).ok());
  EXPECT_THAT(lines, testing::ElementsAre("cgroup t=1 id=2 path=/docker/x", "clock t=5"));
}

TEST(ReplaySource, NamesTheLineThatIsWrong) {
  const std::string path =
      Write("bad.line", "capmon-recording 1\nclock t=1\n# a remark\n\nclock t=never\n");
  const auto source = ReplaySource::Open(path);
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(std::string(source.status().message()), testing::HasSubstr("bad.line:5: malformed"));
}

TEST(ReplaySource, RefusesWhatIsNoRecording) {
  EXPECT_TRUE(absl::IsInvalidArgument(ReplaySource::Open(Write("other", "#!/bin/sh\n")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReplaySource::Open(Write("empty", "")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReplaySource::Open(testing::TempDir()).status()));
  EXPECT_TRUE(absl::IsNotFound(ReplaySource::Open("/nonexistent/recording").status()));
}

}  // namespace
}  // namespace capmon
