// SPDX-License-Identifier: Apache-2.0
#include "daemon/call_watch.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

constexpr TimeNs kTick = kSecond / 2;

YoungContainer Starting(const std::string& key, TimeNs age, const std::string& program = "") {
  return {.key = key, .program = program, .age = age, .since_news = age};
}

// One new container of this program every two seconds, each alive for one. Returns how long calls
// were watched in this time.
TimeNs Churn(CallWatch& watch, TimeNs& now, TimeNs duration, const std::string& program) {
  const TimeNs before = watch.watched();
  for (TimeNs end = now + duration; now < end;) {
    const std::string key = std::to_string(now);
    watch.Decide(now, {Starting(key, 0)});
    watch.Decide(now + kTick, {Starting(key, kTick, program)});
    watch.Decide(now + 2 * kTick, {});
    now += 2 * kSecond;
  }
  return watch.watched() - before;
}

TEST(CallWatchTest, NothingStartingNeedsNothing) {
  CallWatch watch({});
  EXPECT_FALSE(watch.Decide(kSecond, {}));
}

TEST(CallWatchTest, AStartIsWatchedFromItsCgroupOn) {
  CallWatch watch({});
  EXPECT_TRUE(watch.Decide(kSecond, {Starting("a", 0)}));
  EXPECT_TRUE(watch.Decide(5 * kSecond, {Starting("a", 4 * kSecond, "sh")}));
  EXPECT_FALSE(watch.Decide(12 * kSecond, {Starting("a", CallWatch::kStartUp, "sh")}));
}

TEST(CallWatchTest, NewKindsOfChecksOpenAShortWindowAgain) {
  CallWatch watch({});
  YoungContainer old = Starting("a", 100 * kSecond, "sh");
  EXPECT_FALSE(watch.Decide(kSecond, {old}));
  old.since_news = 0;
  EXPECT_TRUE(watch.Decide(2 * kSecond, {old}));
  old.since_news = CallWatch::kAfterNews;
  EXPECT_FALSE(watch.Decide(7 * kSecond, {old}));
}

TEST(CallWatchTest, NewKindsNeedNoWindowWhereEndsAreAwaited) {
  CallWatch watch({.ends_awaited = true});
  YoungContainer old = Starting("a", 100 * kSecond, "sh");
  old.since_news = 0;
  EXPECT_FALSE(watch.Decide(kSecond, {old}));
}

TEST(CallWatchTest, GatedCallsAreWatchedLonger) {
  CallWatch watch({.ends_awaited = true});
  YoungContainer old = Starting("a", 100 * kSecond, "sh");
  old.gated = true;
  EXPECT_TRUE(watch.Decide(kSecond, {old}));
}

TEST(CallWatchTest, GatedCallsLeaveTimeToStarts) {
  CallWatch watch({.per_hour = 60 * kSecond});
  YoungContainer old = Starting("a", 100 * kSecond, "sh");
  old.gated = true;
  TimeNs now = kSecond;
  EXPECT_TRUE(watch.Decide(now, {old}));
  EXPECT_FALSE(watch.Decide(now += 40 * kSecond, {old}));
  EXPECT_TRUE(watch.Decide(now += kTick, {old, Starting("b", 0)}));
}

TEST(CallWatchTest, NeverMoreThanTheHourlyLimit) {
  CallWatch watch({.per_hour = 60 * kSecond});
  TimeNs watched = 0;
  for (TimeNs now = kTick; now < 10 * 3600 * kSecond; now += kTick) {
    YoungContainer busy = Starting("a", 0);
    if (watch.Decide(now, {busy})) watched += kTick;
  }
  EXPECT_LE(watched, 11 * 60 * kSecond);
  EXPECT_GE(watched, 9 * 60 * kSecond);
}

TEST(CallWatchTest, WithoutALimitThereIsNoWatching) {
  CallWatch watch({.per_hour = 0});
  EXPECT_FALSE(watch.Decide(kSecond, {Starting("a", 0)}));
}

TEST(CallWatchTest, TheSameProgramAgainAndAgainIsKnownSoon) {
  CallWatch watch({.ends_awaited = true});
  TimeNs now = kSecond;
  EXPECT_GT(Churn(watch, now, 30 * kSecond, "image sh"), 0);
  EXPECT_EQ(Churn(watch, now, 600 * kSecond, "image sh"), 0);
}

TEST(CallWatchTest, AnotherProgramIsWatchedAmongKnownOnes) {
  CallWatch watch({.ends_awaited = true});
  TimeNs now = kSecond;
  Churn(watch, now, 60 * kSecond, "image sh");
  EXPECT_FALSE(watch.Decide(now, {Starting("new", 0)}));
  EXPECT_TRUE(watch.Decide(now + kTick, {Starting("new", kTick, "image nginx")}));
  // The next one may be another new one.
  EXPECT_TRUE(watch.Decide(now + kTick, {Starting("next", 0)}));
}

TEST(CallWatchTest, AStartThatWasNotWatchedInFullMakesNothingKnown) {
  CallWatch watch({.per_hour = 3 * kSecond, .ends_awaited = true});
  TimeNs now = kSecond;
  for (int start = 0; start < 5; ++start, now += 7200 * kSecond) {
    EXPECT_TRUE(watch.Decide(now, {Starting("a", 0, "image sh")}));
    EXPECT_FALSE(watch.Decide(now + 4 * kSecond, {Starting("a", 4 * kSecond, "image sh")}));
    watch.Decide(now + 20 * kSecond, {});
  }
}

TEST(CallWatchTest, WhereOutcomesComeFromWatchingEachStartIsWatched) {
  CallWatch watch({});
  TimeNs now = kSecond;
  Churn(watch, now, 60 * kSecond, "image sh");
  EXPECT_TRUE(watch.Decide(now, {Starting("a", 0)}));
}

}  // namespace
}  // namespace capmon
