// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace capmon {
namespace {

TEST(EventLoop, EndsAtSigterm) {
  auto loop = EventLoop::Create();
  ASSERT_TRUE(loop.ok());
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_TRUE((*loop)->Run().ok());
}

TEST(EventLoop, ReadableDescriptorsCallBack) {
  auto loop = EventLoop::Create();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  char received = 0;
  ASSERT_TRUE((*loop)
                  ->OnReadable(ends[0],
                               [&] {
                                 ASSERT_EQ(read(ends[0], &received, 1), 1);
                                 (*loop)->Stop();
                               })
                  .ok());
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_TRUE((*loop)->Run().ok());
  EXPECT_EQ(received, 'x');
  close(ends[0]);
  close(ends[1]);
}

// Else what comes without a wake would keep the loop busy.
TEST(EventLoop, AWakeCallsBackOnce) {
  auto loop = EventLoop::Create();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  int wakes = 0, ticks = 0;
  ASSERT_TRUE((*loop)->OnWake(ends[0], [&] { ++wakes; }).ok());
  ASSERT_TRUE((*loop)
                  ->Every(std::chrono::milliseconds(1),
                          [&] {
                            if (++ticks == 3) (*loop)->Stop();
                          })
                  .ok());
  ASSERT_EQ(write(ends[1], "x", 1), 1);  // stays there
  EXPECT_TRUE((*loop)->Run().ok());
  EXPECT_EQ(wakes, 1);
  close(ends[0]);
  close(ends[1]);
}

TEST(EventLoop, WhatIsDueIsNotPostponed) {
  auto loop = EventLoop::Create();
  int calls = 0;
  std::function<void()> again = [&] {
    if (++calls == 2) return (*loop)->Stop();
    (*loop)->Soon(std::chrono::milliseconds(1), again);
    (*loop)->Soon(std::chrono::nanoseconds(0), [&] { calls = 100; });
  };
  (*loop)->Soon(std::chrono::nanoseconds(0), again);
  (*loop)->Soon(std::chrono::hours(1), [&] { calls = 100; });
  EXPECT_TRUE((*loop)->Run().ok());
  EXPECT_EQ(calls, 2);
}

TEST(EventLoop, ARequestedTickHasRunWhenTheCallReturns) {
  auto loop = EventLoop::Create();
  std::atomic<int> ticks = 0;
  ASSERT_TRUE((*loop)->Every(std::chrono::hours(1), [&] { ++ticks; }).ok());
  std::thread asking([&] {
    for (int i = 1; i <= 3; ++i) {
      EXPECT_TRUE((*loop)->RunTickNow(std::chrono::minutes(1)));
      EXPECT_GE(ticks, i);
    }
    kill(getpid(), SIGTERM);
  });
  EXPECT_TRUE((*loop)->Run().ok());
  asking.join();
}

TEST(EventLoop, ATickThatIsNotOverInTimeIsReported) {
  auto loop = EventLoop::Create();
  EXPECT_FALSE((*loop)->RunTickNow(std::chrono::milliseconds(0)));  // the loop does not run
}

TEST(EventLoop, WorkThatOthersAskForHasRunWhenTheCallReturns) {
  auto loop = EventLoop::Create();
  std::atomic<int> ticks = 0;
  ASSERT_TRUE((*loop)->Every(std::chrono::hours(1), [&] { ++ticks; }).ok());
  std::vector<int> done;
  std::thread asking([&] {
    for (int i = 0; i < 3; ++i)
      EXPECT_TRUE((*loop)->RunNow([&done, i] { done.push_back(i); }, std::chrono::minutes(1)));
    kill(getpid(), SIGTERM);
  });
  EXPECT_TRUE((*loop)->Run().ok());
  asking.join();
  EXPECT_THAT(done, testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(ticks, 0);
}

TEST(EventLoop, WorkThatDidNotBeginInTimeNeverRuns) {
  auto loop = EventLoop::Create();
  bool ran = false;
  EXPECT_FALSE((*loop)->RunNow([&] { ran = true; }, std::chrono::milliseconds(0)));
  ASSERT_TRUE((*loop)->Every(std::chrono::milliseconds(1), [&] { (*loop)->Stop(); }).ok());
  EXPECT_TRUE((*loop)->Run().ok());
  EXPECT_FALSE(ran);
}

TEST(EventLoop, AHangupCallsBackAndEndsNothing) {
  auto loop = EventLoop::Create();
  ASSERT_TRUE(loop.ok()) << loop.status();
  kill(getpid(), SIGHUP);  // ignored: nothing asked for it
  int hangups = 0, ticks = 0;
  ASSERT_TRUE((*loop)
                  ->Every(std::chrono::milliseconds(1),
                          [&] {
                            if (++ticks == 1) (*loop)->OnHangup([&] { ++hangups; });
                            if (ticks == 2) kill(getpid(), SIGHUP);
                            if (hangups > 0) (*loop)->Stop();
                          })
                  .ok());
  EXPECT_TRUE((*loop)->Run().ok());
  EXPECT_GE(hangups, 1);
}

}  // namespace
}  // namespace capmon
