// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/commands/record_command.h"

namespace capmon {
namespace {

using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;

v1::Profile Answer(const std::vector<std::string>& keep, const std::string& state = "learning") {
  v1::Profile profile;
  for (const std::string& name : keep) profile.mutable_recommendation()->add_keep("CAP_" + name);
  profile.mutable_confidence()->set_state(state);
  profile.mutable_confidence()->set_starts(1);
  return profile;
}

TEST(RecordProgressTest, DurationsHaveAUnit) {
  EXPECT_EQ(*ParseDuration("90s"), seconds(90));
  EXPECT_EQ(*ParseDuration("3m"), seconds(180));
  EXPECT_EQ(*ParseDuration("168h"), seconds(7 * 24 * 3600));
  for (const char* text : {"", "3", "m", "0s", "-1m", "1.5m", "3 m", "169h", "9999999s", "3d"})
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
}

TEST(RecordProgressTest, NamesWhatIsNewAndWhatIsMissing) {
  const RecordProgress::Clock::time_point start;
  RecordProgress progress(start);
  v1::Profile first = Answer({"CHOWN"});
  first.mutable_confidence()->add_open_conditions("only 1 start was seen");
  progress.Take(first, start);
  EXPECT_TRUE(progress.TakeNews());
  EXPECT_FALSE(progress.TakeNews());
  EXPECT_EQ(progress.Line(start + seconds(5)),
            "5 s: 1 start, 1 need, 0 lost; missing: only 1 start was seen");
  progress.Take(Answer({"CHOWN"}), start + seconds(6));
  EXPECT_FALSE(progress.TakeNews()) << "nothing changed";
  progress.Take(Answer({"CHOWN", "NET_RAW"}), start + seconds(10));
  EXPECT_TRUE(progress.TakeNews());
  EXPECT_THAT(progress.Line(start + seconds(70)), HasSubstr("2 needs, last new NET_RAW 1 m ago"));
  EXPECT_FALSE(progress.stable());
  progress.Take(Answer({"CHOWN", "NET_RAW"}, "stable"), start + seconds(200));
  EXPECT_TRUE(progress.TakeNews());
  EXPECT_TRUE(progress.stable());
  EXPECT_THAT(progress.Line(start + seconds(200)), EndsWith("; stable"));
}

TEST(RecordProgressTest, NamesWhatIsMissingToBeComplete) {
  const RecordProgress::Clock::time_point start;
  RecordProgress progress(start);
  v1::Profile answer = Answer({}, "stable");
  answer.mutable_confidence()->add_to_complete("seen 1 start of 3");
  answer.mutable_confidence()->add_to_complete("no shutdown seen yet");
  progress.Take(answer, start);
  EXPECT_THAT(progress.Line(start),
              EndsWith("; stable; to be complete: seen 1 start of 3; no shutdown seen yet"));
  progress.Take(Answer({}, "complete"), start);
  EXPECT_TRUE(progress.stable()) << "complete is more than stable";
  EXPECT_THAT(progress.Line(start), EndsWith("; complete"));
}

}  // namespace
}  // namespace capmon
