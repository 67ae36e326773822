// SPDX-License-Identifier: Apache-2.0
// The limits of calls: how many in a second, and for how long.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <iterator>
#include <thread>

#include "capmon/v1/capmon.grpc.pb.h"
#include "daemon/api/calls.h"
#include "daemon/base/wall_clock.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

TEST(CallRates, AreThoseOfOneCaller) {
  Peers peers;
  Refusals refusals;
  Calls calls({.per_second = 2, .burst = 3, .callers = 2}, peers, refusals);
  const CallRule& rule = *FindCallRule("GetStatus");
  const auto of = [](const std::string& key) { return Caller{Role::kViewer, key, "", key}; };
  const auto allowed = [&](const std::string& key, int64_t now) {
    return calls.Admit(rule, of(key), now).ok();
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowed("a", 0)) << i;
  EXPECT_FALSE(allowed("a", 0));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowed("b", 0)) << "another one is not concerned";
  EXPECT_TRUE(allowed("a", kSecondNs / 2)) << "half a second is one more";
  EXPECT_FALSE(allowed("a", kSecondNs / 2));
  EXPECT_EQ(refusals.counts().at("api_refused_rate"), 2u);
  // A third caller finds no room while the others are busy: such callers share one rate.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowed("c", kSecondNs / 2)) << i;
  EXPECT_FALSE(allowed("d", kSecondNs / 2));
  EXPECT_TRUE(allowed("d", 100 * kSecondNs)) << "those that are idle made room";
  const Caller root{Role::kOperator, "root", "", "root"};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(calls.Admit(rule, root, 100 * kSecondNs).ok()) << i;
}

// A handler that waits until its call is cancelled, as one does whose answer is not read.
class WaitingService final : public v1::Capmon::Service {
 public:
  grpc::Status ListContainers(grpc::ServerContext* call, const v1::ListContainersRequest*,
                              v1::ListContainersResponse*) override {
    while (!call->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return grpc::Status::CANCELLED;
  }
};

TEST(OverdueCalls, AreCancelledAndCounted) {
  const TempDir directory;
  Peers peers;
  Refusals refusals;
  Calls calls({}, peers, refusals);
  CallCounts counts;
  WaitingService service;
  const std::string address = "unix:" + directory / "s";
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.experimental().SetInterceptorCreators(Noting(calls, counts));
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  std::atomic<bool> ended = false;
  grpc::Status status;
  std::jthread client([&] {
    const auto stub =
        v1::Capmon::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
    grpc::ClientContext call;
    v1::ListContainersResponse response;
    status = stub->ListContainers(&call, {}, &response);
    ended = true;
  });
  EXPECT_TRUE(Eventually([&] { return counts.in_flight() == 1; }));
  calls.CancelOverdue(SteadyClock() + 50 * kSecondNs);
  EXPECT_EQ(refusals.all().at("api_cancelled_slow"), 0u) << "it may take a minute";
  EXPECT_TRUE(Eventually([&] {
    calls.CancelOverdue(SteadyClock() + 61 * kSecondNs);
    return ended.load();
  }));
  client.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(refusals.counts().at("api_cancelled_slow"), 1u);
}

TEST(Refusals, HaveAZeroForEachCause) {
  Refusals refusals;
  EXPECT_EQ(refusals.all().size(), std::size(Refusals::kCauses));
  refusals.Count("api_closed_slow");
  EXPECT_EQ(refusals.all().size(), std::size(Refusals::kCauses)) << "it is one of them";
  EXPECT_EQ(refusals.all().at("api_closed_slow"), 1u);
}

}  // namespace
}  // namespace capmon
