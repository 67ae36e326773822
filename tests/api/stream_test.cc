// SPDX-License-Identifier: Apache-2.0
// Streams of events and alerts; no test depends on timing.
#include <gmock/gmock.h>

#include "tests/api/live_server.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

constexpr Capability kNetRaw = 13, kSysAdmin = 21, kMknod = 27;

WatchedEvent Event(const std::string& key, Verdict verdict, uint64_t count = 1) {
  WatchedEvent event;
  event.time = kStart;
  event.container.key = key;
  event.container.name = key;
  event.evidence.evidence.key.capability = kNetRaw;
  event.evidence.evidence.counts.count = count;
  event.evidence.verdict = verdict;
  return event;
}

// One open stream of events that the server has accepted.
struct Watcher {
  explicit Watcher(LiveServer& live, const v1::WatchEventsRequest& request = {})
      : stub(live.Stub()), reader(stub->WatchEvents(&call, request)) {
    reader->WaitForInitialMetadata();
  }
  std::unique_ptr<v1::Capmon::Stub> stub;
  grpc::ClientContext call;
  std::unique_ptr<grpc::ClientReader<v1::Event>> reader;
};

TEST(WatchEvents, StreamsWhatTheMonitorSees) {
  LiveServer live;
  live.AddContainer(10, 'a', "web");
  Watcher watcher(live);
  live.AddChecks(10, kNetRaw, true, 3);
  v1::Event event;
  ASSERT_TRUE(watcher.reader->Read(&event));
  EXPECT_EQ(event.container().name(), "web");
  EXPECT_EQ(event.capability(), "CAP_NET_RAW");
  EXPECT_EQ(event.evidence().count(), 3u);
  EXPECT_TRUE(event.evidence().granted());
  EXPECT_EQ(event.evidence().site(), "a_function_nobody_reviewed");
  EXPECT_EQ(event.dropped(), 0u);
}

TEST(WatchEvents, LeavesOutNoiseUnlessRequested) {
  LiveServer live;
  v1::WatchEventsRequest all;
  all.set_include_noise(true);
  Watcher quiet(live), loud(live, all);
  for (const Verdict verdict : {Verdict::kNoise, Verdict::kProbed, Verdict::kRuntimeOnly,
                                Verdict::kForeign, Verdict::kOwnNamespace, Verdict::kRequired})
    live.events.Publish(Event("web", verdict));
  v1::Event event;
  ASSERT_TRUE(quiet.reader->Read(&event));
  EXPECT_EQ(event.evidence().verdict(), "required");
  for (const char* verdict :
       {"noise", "probed", "runtime-only", "foreign", "own-namespace", "required"}) {
    ASSERT_TRUE(loud.reader->Read(&event));
    EXPECT_EQ(event.evidence().verdict(), verdict);
  }
}

TEST(WatchEvents, FollowsOneContainer) {
  LiveServer live;
  live.AddContainer(10, 'a', "web");
  live.AddContainer(11, 'b', "db");
  v1::WatchEventsRequest request;
  request.set_container("db");
  Watcher watcher(live, request);
  live.AddChecks(10, kNetRaw, true);
  live.AddChecks(11, kMknod, true);
  v1::Event event;
  ASSERT_TRUE(watcher.reader->Read(&event));
  EXPECT_EQ(event.container().name(), "db");
  EXPECT_EQ(event.capability(), "CAP_MKNOD");
}

TEST(WatchEvents, EndsAtOnceForAnUnknownContainer) {
  LiveServer live;
  v1::WatchEventsRequest request;
  request.set_container("nobody");
  Watcher watcher(live, request);
  v1::Event event;
  EXPECT_FALSE(watcher.reader->Read(&event));
  EXPECT_EQ(watcher.reader->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(WatchEvents, CountsWhatASlowReaderLost) {
  LiveServer live(/*backlog=*/16);
  Watcher watcher(live);
  WatchedEvent event = Event("web", Verdict::kRequired);
  event.evidence.reason = std::string(16 * 1024, 'x');
  constexpr uint64_t kPublished = 4000;
  for (uint64_t n = 1; n <= kPublished; ++n) {
    event.evidence.evidence.counts.count = n;
    live.events.Publish(event);
  }
  uint64_t received = 0, dropped = 0, last = 0;
  for (v1::Event read; last != kPublished && watcher.reader->Read(&read); ++received) {
    EXPECT_EQ(read.evidence().count(), last + read.dropped() + 1) << "in order, gaps announced";
    last = read.evidence().count();
    dropped += read.dropped();
  }
  EXPECT_EQ(received + dropped, kPublished);
  EXPECT_GT(dropped, 0u);
}

TEST(WatchEvents, ReleasesAReaderThatLeaves) {
  LiveServer live;
  {
    Watcher watcher(live);
    EXPECT_TRUE(live.events.has_readers());
    watcher.call.TryCancel();
    v1::Event event;
    while (watcher.reader->Read(&event)) continue;
    EXPECT_EQ(watcher.reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_TRUE(Eventually([&] { return !live.events.has_readers(); }));
}

TEST(Streams, AreLimitedSoThatTheRestGoesOnAnswering) {
  LiveServer live;
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < Service::kMaxStreams; ++i)
    watchers.push_back(std::make_unique<Watcher>(live));
  Watcher refused(live);
  EXPECT_EQ(refused.reader->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext call;
  v1::Status status;
  EXPECT_TRUE(live.Stub()->GetStatus(&call, {}, &status).ok());
}

TEST(Streams, EndWithTheServerEvenWithoutAReader) {
  LiveServer live;
  Watcher reading(live), stuck(live);
  WatchedEvent large = Event("web", Verdict::kRequired);
  large.evidence.reason = std::string(64 * 1024, 'x');
  for (int i = 0; i < 200; ++i) live.events.Publish(large);
  live.server->Stop();
  v1::Event event;
  while (reading.reader->Read(&event)) continue;
  EXPECT_FALSE(reading.reader->Finish().ok());
  EXPECT_FALSE(live.events.has_readers());
}

TEST(WatchAlerts, BeginsWithThePastAndGoesOn) {
  LiveServer live;
  live.AddContainer(10, 'a', "web");
  live.AddChecks(10, kSysAdmin, false);
  const auto stub = live.Stub();
  grpc::ClientContext call;
  v1::WatchAlertsRequest request;
  request.set_include_past(true);
  const auto reader = stub->WatchAlerts(&call, request);
  v1::Alert alert;
  ASSERT_TRUE(reader->Read(&alert));
  EXPECT_EQ(alert.kind(), "denied_capability");
  EXPECT_EQ(alert.capability(), "CAP_SYS_ADMIN");
  EXPECT_EQ(alert.decision(), "denied");
  EXPECT_EQ(alert.container().name(), "web");
  EXPECT_FALSE(alert.message().empty());

  live.AddChecks(10, 16, false);
  ASSERT_TRUE(reader->Read(&alert));
  EXPECT_EQ(alert.capability(), "CAP_SYS_MODULE");
}

TEST(WatchAlerts, EndsAfterPastAlertsIfRequested) {
  LiveServer live;
  live.AddContainer(10, 'a', "web");
  live.AddChecks(10, kSysAdmin, false);
  const auto stub = live.Stub();
  grpc::ClientContext call;
  v1::WatchAlertsRequest request;
  request.set_past_only(true);
  const auto reader = stub->WatchAlerts(&call, request);
  v1::Alert alert;
  EXPECT_TRUE(reader->Read(&alert));
  EXPECT_FALSE(reader->Read(&alert));
  EXPECT_TRUE(reader->Finish().ok());
}

// Returns the capabilities of the past alerts that fit.
std::vector<std::string> Selected(LiveServer& live, v1::WatchAlertsRequest request) {
  const auto stub = live.Stub();
  grpc::ClientContext call;
  request.set_past_only(true);
  const auto reader = stub->WatchAlerts(&call, request);
  std::vector<std::string> capabilities;
  for (v1::Alert alert; reader->Read(&alert);) capabilities.push_back(alert.capability());
  EXPECT_TRUE(reader->Finish().ok());
  return capabilities;
}

TEST(WatchAlerts, SelectsWhatFits) {
  LiveServer live;
  live.AddContainer(10, 'a', "web");
  live.AddChecks(10, kSysAdmin, false);
  live.AddChecks(10, kNetRaw, false);
  v1::WatchAlertsRequest request;
  EXPECT_EQ(Selected(live, request).size(), 2u);
  request.set_severity("critical");
  EXPECT_EQ(Selected(live, request), std::vector<std::string>{"CAP_SYS_ADMIN"});
  request.set_rule("CM001");
  EXPECT_TRUE(Selected(live, request).empty());
  request.set_rule("");
  request.set_container("web");
  EXPECT_EQ(Selected(live, request).size(), 1u);
  request.set_container("other");
  EXPECT_TRUE(Selected(live, request).empty());
}

TEST(WatchAlerts, RefusesAFilterThatFitsNothing) {
  LiveServer live;
  const auto stub = live.Stub();
  const auto refusal = [&](const v1::WatchAlertsRequest& request) {
    grpc::ClientContext call;
    const auto reader = stub->WatchAlerts(&call, request);
    v1::Alert alert;
    EXPECT_FALSE(reader->Read(&alert));
    const grpc::Status status = reader->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };
  v1::WatchAlertsRequest request;
  for (const char* const wrong : {"cm001", "CM0001", "CM01"}) {
    request.set_rule(wrong);
    EXPECT_NE(refusal(request).find("did you mean CM001?"), std::string::npos);
  }
  request.set_rule(std::string(50'000, 'x'));
  EXPECT_EQ(refusal(request), "the filter by rule has 50000 bytes; write at most 1024");
  request.set_rule("");
  request.set_workload(std::string(50'000, '*'));
  EXPECT_LT(refusal(request).size(), 200u);
}

TEST(WatchAlerts, RefusesASeverityThatIsNone) {
  LiveServer live;
  const auto stub = live.Stub();
  grpc::ClientContext call;
  v1::WatchAlertsRequest request;
  request.set_severity("urgent");
  const auto reader = stub->WatchAlerts(&call, request);
  v1::Alert alert;
  EXPECT_FALSE(reader->Read(&alert));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("info, low, medium"), std::string::npos);
}

TEST(WatchAlerts, ReportsNewUsesAfterABaseline) {
  LiveServer live;
  live.AddContainer(10, 'a', "web");
  live.AddChecks(10, kNetRaw, true);
  live.Feed(BaselineSet{kStart, live.monitor.With([](Monitor& m) { return *m.KeyOf("web"); })});
  const auto stub = live.Stub();
  grpc::ClientContext call;
  const auto reader = stub->WatchAlerts(&call, {});
  reader->WaitForInitialMetadata();
  live.AddChecks(10, kNetRaw, true);
  live.AddChecks(10, kMknod, true);
  v1::Alert alert;
  ASSERT_TRUE(reader->Read(&alert));
  EXPECT_EQ(alert.kind(), "new_capability");
  EXPECT_EQ(alert.capability(), "CAP_MKNOD");
}

}  // namespace
}  // namespace capmon
