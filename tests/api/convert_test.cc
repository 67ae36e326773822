// SPDX-License-Identifier: Apache-2.0
// What only rare values show about the conversion.
#include "daemon/api/convert.h"

#include <gmock/gmock.h>

#include "daemon/api/status.h"

namespace capmon {
namespace {

using ::testing::ElementsAre;

WatchedEvent Example() {
  WatchedEvent event;
  event.container.kind = ContainerKind::kContainer;
  event.evidence.evidence.key.exe_origin = ExeOrigin::kOwn;
  return event;
}

TEST(Convert, NamesErrnosAndTraits) {
  WatchedEvent event = Example();
  event.evidence.evidence.counts.errnos = uint64_t{1} << 1 | uint64_t{1} << 13 | uint64_t{1} << 63;
  event.evidence.evidence.key.traits = kOptionsKnown | kNoAudit | kCollapsed;
  const v1::Evidence evidence = ToProto(event, 0).evidence();
  EXPECT_THAT(evidence.errnos(), ElementsAre("EPERM", "EACCES", "other"));
  EXPECT_THAT(evidence.traits(), ElementsAre("no-audit", "collapsed"));
}

TEST(Convert, AnUnsetTimeMeansNever) {
  WatchedEvent event = Example();
  EXPECT_FALSE(ToProto(event, 0).has_time());
  event.time = 1'700'000'000'123'456'789;
  const v1::Event converted = ToProto(event, 7);
  EXPECT_EQ(converted.time().seconds(), 1'700'000'000);
  EXPECT_EQ(converted.time().nanos(), 123'456'789);
  EXPECT_EQ(converted.dropped(), 7u);
}

TEST(Convert, TellsTheRuntimeFromTheWorkload) {
  WatchedEvent event = Example();
  EXPECT_EQ(ToProto(event, 0).evidence().phase(), "workload");
  event.evidence.evidence.key.exe_origin = ExeOrigin::kHost;
  EXPECT_EQ(ToProto(event, 0).evidence().phase(), "runtime");
  event.container.kind = ContainerKind::kUnit;
  EXPECT_EQ(ToProto(event, 0).evidence().phase(), "workload") << "a unit's program is the host's";
}

TEST(Convert, EveryStringIsUtf8) {
  Alert alert;
  alert.binary = "x\xff";
  alert.container.name = "y\xff";
  alert.container.labels["k\xff"] = "v\xff";
  const v1::Alert converted = ToProto(alert, 0);
  v1::Alert read;
  EXPECT_TRUE(read.ParseFromString(converted.SerializeAsString()));
  EXPECT_EQ(read.binary(), "x\xef\xbf\xbd");
}

TEST(Convert, StatusKeepsCodeAndSentence) {
  const grpc::Status status = ToGrpcStatus(absl::NotFoundError("no container fits \"x\""));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no container fits \"x\"");
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
}

}  // namespace
}  // namespace capmon
