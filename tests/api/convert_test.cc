// SPDX-License-Identifier: Apache-2.0
// Conversions that only rare values reach.
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

TEST(Convert, SeparatesTheRuntimeFromTheWorkload) {
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
  EXPECT_EQ(read.binary(), "x\\xff");
}

TEST(Convert, NoStoredNameKeepsAnAnswerFromBeingSent) {
  const std::string bad = "x\xff\xc0y", shown = "x\\xff\\xc0y";
  Profile profile;
  Container& container = profile.container;
  for (std::string* name :
       {&container.id, &container.name, &container.runtime, &container.image, &container.pod,
        &container.pod_namespace, &container.pod_uid, &container.workload, &container.cgroup_path,
        &container.description, &container.name_source})
    *name = bad;
  container.labels[bad] = bad;
  profile.held.emplace().path = bad;
  profile.held->source = bad;
  profile.gains[bad].path = profile.gains[bad].how = bad;
  profile.surroundings[bad] = bad;
  profile.gaps.push_back({1, 2, bad});
  Judgement judgement;
  judgement.confidence.state = judgement.confidence.backend = bad;
  judgement.confidence.gaps = profile.gaps;
  judgement.recommendation.warnings = {bad};
  MonitorStatus status;
  status.source.backend = status.source.cgroup_layout = status.source.kernel = bad;
  status.lost[bad] = 1;
  Alert alert;
  alert.container = container;
  alert.id = alert.site = alert.syscall = alert.binary = alert.message = bad;

  const auto sent = [](const google::protobuf::Message& message) {
    const std::unique_ptr<google::protobuf::Message> read(message.New());
    EXPECT_TRUE(read->ParseFromString(message.SerializeAsString())) << message.GetTypeName();
    return message.DebugString();
  };
  sent(ToProto(profile, judgement, true));
  sent(Explain(profile, judgement, 0));
  sent(ToProto(status, {{bad, bad, bad}}, {{bad, bad, bad}}, {false, bad, 0}));
  sent(ToProto(alert, 0));
  const v1::ContainerSummary summary = Summarize(profile, judgement);
  sent(summary);
  EXPECT_EQ(summary.container().name(), shown);
  EXPECT_EQ(summary.container().name_source(), shown);
  EXPECT_EQ(summary.container().labels().at(shown), shown);
}

TEST(Convert, StatusKeepsCodeAndSentence) {
  const grpc::Status status = ToGrpcStatus(absl::NotFoundError("no container matches \"x\""));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no container matches \"x\"");
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
}

}  // namespace
}  // namespace capmon
