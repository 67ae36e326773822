// SPDX-License-Identifier: Apache-2.0
// The server of metrics on real sockets: what it answers, and what hostile clients achieve.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "daemon/metrics/metrics_server.h"
#include "tests/api/live_server.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

ListenAddress AnyPort() { return *ParseListenAddress("127.0.0.1:0"); }

MetricsSnapshot SomeSnapshot() {
  MetricsSnapshot snapshot;
  snapshot.version = "1.2.3";
  return snapshot;
}

std::unique_ptr<MetricsServer> ServeMetricsAt(const ListenAddress& address,
                                              MetricsServer::Options options = {}) {
  auto listener = Listener::Open(address, std::nullopt);
  EXPECT_TRUE(listener.ok()) << listener.status();
  if (!listener.ok()) return nullptr;
  auto server = MetricsServer::Start(*std::move(listener), SomeSnapshot, options);
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? *std::move(server) : nullptr;
}

bool Answers(const MetricsServer& server) {
  return HttpGet(server.address(), "/metrics").starts_with("HTTP/1.1 200 ");
}

TEST(Metrics, AreServedAtOnePath) {
  const auto server = ServeMetricsAt(AnyPort());
  ASSERT_NE(server, nullptr);
  EXPECT_NE(server->address().port, 0);
  const std::string answer = HttpGet(server->address(), "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("\ncapmon_build_info{version=\"1.2.3\""));
  EXPECT_THAT(HttpGet(server->address(), "/metrics?x=1"), StartsWith("HTTP/1.1 200 "));
  for (const char* const path :
       {"/", "/metrics/", "/metricsx", "/%2e%2e/etc/passwd", "/../metrics", "/debug/pprof"}) {
    const std::string none = HttpGet(server->address(), path);
    EXPECT_THAT(none, StartsWith("HTTP/1.1 404 ")) << path;
    EXPECT_THAT(none, HasSubstr("\r\n\r\nthere is only /metrics\n")) << path;
  }
}

TEST(Metrics, CanOnlyBeRead) {
  const auto server = ServeMetricsAt(AnyPort());
  ASSERT_NE(server, nullptr);
  const std::string head = Exchange(server->address(), "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(head.find("capmon_"), head.npos);
  for (const char* const method : {"POST", "PUT", "DELETE", "OPTIONS", "NONSENSE"})
    EXPECT_THAT(
        Exchange(server->address(), std::string(method) + " /metrics HTTP/1.1\r\nHost: x\r\n"
                                                          "Content-Length: 5\r\n\r\nhello"),
        StartsWith("HTTP/1.1 405 "))
        << method;
}

TEST(Metrics, SurviveGarbage) {
  const auto server = ServeMetricsAt(AnyPort(), {.deadline = kSecond / 2});
  ASSERT_NE(server, nullptr);
  const std::string garbage[] = {
      "\r\n\r\n",
      std::string("\0\xff\xfe\0GET", 7) + "\r\n\r\n",
      "GET\r\n\r\n",
      "GET /metrics HTTP/9.9\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
      "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n",
      "GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'b') + "\r\n\r\n",
      "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"};
  for (const std::string& request : garbage) {
    const UniqueFd fd = ConnectTo(server->address());
    ASSERT_TRUE(fd);
    (void)SendText(fd, request);
    ::shutdown(fd.get(), SHUT_WR);
    const std::string answer = ReadAll(fd);
    EXPECT_EQ(answer.find("capmon_"), answer.npos) << request.substr(0, 40);
    EXPECT_TRUE(Answers(*server)) << request.substr(0, 40);
  }
}

// Clients that are silent, or read nothing, delay no other as long as there is room.
TEST(Metrics, SlowClientsDelayNoOther) {
  const auto server = ServeMetricsAt(AnyPort(), {.connections = 8, .deadline = 600 * kSecond});
  ASSERT_NE(server, nullptr);
  std::vector<UniqueFd> slow;
  for (int i = 0; i < 7; ++i) {
    slow.push_back(ConnectTo(server->address()));
    ASSERT_TRUE(slow.back());
    if (i % 2 == 0) {
      ASSERT_TRUE(SendText(slow.back(), "GET /metrics HTTP/1.1\r\nHost:"));
    }
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Answers(*server));
}

// Their time does not end here: each new connection ends the oldest one of its owner.
TEST(Metrics, ManyConnectionsDelayNoScrape) {
  const auto server = ServeMetricsAt(AnyPort(), {.connections = 8, .deadline = 600 * kSecond});
  ASSERT_NE(server, nullptr);
  std::vector<UniqueFd> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(ConnectTo(server->address()));
    ASSERT_TRUE(silent.back());
    if (i % 10 == 0) {
      EXPECT_TRUE(Answers(*server)) << i;
    }
  }
  EXPECT_TRUE(Answers(*server));
  EXPECT_GE(server->ended(), 90u);
  EXPECT_THAT(HttpGet(server->address(), "/metrics"),
              HasSubstr("\n# TYPE capmon_scrapes_ended_total counter\n"));
  EXPECT_THAT(ReadAll(silent.front()), IsEmpty()) << "the oldest is closed";
}

// More of them than there is room for: their time ends, also if each still sends a byte now and
// then.
TEST(Metrics, SlowClientsCannotHoldTheServer) {
  const auto server = ServeMetricsAt(AnyPort(), {.connections = 4, .deadline = kSecond / 2});
  ASSERT_NE(server, nullptr);
  std::vector<UniqueFd> slow;
  for (int i = 0; i < 12; ++i) slow.push_back(ConnectTo(server->address()));
  std::atomic<bool> done = false;
  std::jthread dripping([&] {
    while (!done) {
      for (const UniqueFd& fd : slow) (void)SendText(fd, "G");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  EXPECT_TRUE(Answers(*server));  // waits its turn
  done = true;
  dripping.join();
  for (const UniqueFd& fd : slow)
    EXPECT_THAT(ReadAll(fd).substr(0, 9), testing::AnyOf("", "HTTP/1.1 "));
}

TEST(Metrics, TheServerEndsWhileClientsRead) {
  auto server = ServeMetricsAt(AnyPort());
  ASSERT_NE(server, nullptr);
  const ListenAddress address = server->address();
  const UniqueFd silent = ConnectTo(address), half = ConnectTo(address);
  ASSERT_TRUE(SendText(half, "GET /metr"));
  std::atomic<bool> done = false;
  std::atomic<int> whole = 0;
  std::jthread scraping([&] {
    while (!done) whole += HttpGet(address, "/metrics").starts_with("HTTP/1.1 200 ") ? 1 : 0;
  });
  EXPECT_TRUE(Eventually([&] { return whole > 5; }));
  server.reset();
  done = true;
  scraping.join();
  EXPECT_THAT(ReadAll(silent), IsEmpty());
  EXPECT_THAT(ReadAll(half), IsEmpty());
  EXPECT_FALSE(ConnectTo(address));
}

TEST(Metrics, AUnixSocketIsOursAlone) {
  const TempDir directory;
  const std::string path = directory / "metrics.sock";
  const ListenAddress address = *ParseListenAddress("unix://" + path);
  {
    const auto server = ServeMetricsAt(address);
    ASSERT_NE(server, nullptr);
    EXPECT_TRUE(Answers(*server));
    struct stat found = {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0660u);
    const absl::Status taken = Listener::Open(address, std::nullopt).status();
    EXPECT_TRUE(absl::IsUnavailable(taken)) << taken;
    EXPECT_TRUE(Answers(*server)) << "the first is not disturbed";
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
  ASSERT_TRUE(WriteFile(path, "precious"));
  EXPECT_TRUE(absl::IsInvalidArgument(Listener::Open(address, std::nullopt).status()));
  EXPECT_EQ(ReadFile(path), "precious");
}

TEST(Metrics, AStaleSocketIsReplaced) {
  const TempDir directory;
  const ListenAddress address = *ParseListenAddress("unix://" + directory / "metrics.sock");
  auto listener = Listener::Open(address, std::nullopt);
  ASSERT_TRUE(listener.ok());
  ASSERT_EQ(::link((directory / "metrics.sock").c_str(), (directory / "kept").c_str()), 0);
  { const Listener ended = *std::move(listener); }
  ASSERT_EQ(::rename((directory / "kept").c_str(), (directory / "metrics.sock").c_str()), 0);
  const auto server = ServeMetricsAt(address);
  ASSERT_NE(server, nullptr);
  EXPECT_TRUE(Answers(*server));
}

TEST(Metrics, AddressesInUseOrElsewhereAreNamed) {
  const auto server = ServeMetricsAt(AnyPort());
  ASSERT_NE(server, nullptr);
  const absl::Status taken = Listener::Open(server->address(), std::nullopt).status();
  EXPECT_TRUE(absl::IsUnavailable(taken)) << taken;
  EXPECT_THAT(std::string(taken.message()), HasSubstr("another program listens there"));
  const absl::Status elsewhere =
      Listener::Open(*ParseListenAddress("192.0.2.1:9464"), std::nullopt).status();
  EXPECT_TRUE(absl::IsInvalidArgument(elsewhere)) << elsewhere;
  EXPECT_THAT(std::string(elsewhere.message()), HasSubstr("no address of this machine"));
}

uint64_t Finished(const LiveServer& live, const std::string& method, const std::string& code) {
  const auto finished = live.server->call_counts().finished();
  const auto found = finished.find({method, code});
  return found == finished.end() ? 0 : found->second;
}

TEST(CallCounts, CountByMethodAndCode) {
  LiveServer live;
  EXPECT_EQ(live.server->call_counts().finished().count({"GetStatus", "OK"}), 1u)
      << "0 from the start";
  for (int i = 0; i < 3; ++i) {
    v1::Status status;
    grpc::ClientContext call;
    ASSERT_TRUE(live.Stub()->GetStatus(&call, {}, &status).ok());
  }
  v1::GetProfileRequest request;
  request.set_container("nothing");
  v1::Profile profile;
  grpc::ClientContext call;
  EXPECT_EQ(live.Stub()->GetProfile(&call, request, &profile).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(Eventually([&] {
    return Finished(live, "GetStatus", "OK") == 3 &&
           Finished(live, "GetProfile", "NOT_FOUND") == 1 &&
           live.server->call_counts().in_flight() == 0;
  }));
}

// What a client writes as a method never becomes a name.
TEST(CallCounts, HaveABound) {
  LiveServer live;
  const size_t before = live.server->call_counts().finished().size();
  grpc::GenericStub stub(live.Channel());
  for (int i = 0; i < 50; ++i) {
    grpc::ClientContext call;
    grpc::CompletionQueue queue;
    grpc::ByteBuffer answer;
    grpc::Status status;
    const grpc::Slice bytes("");
    const grpc::ByteBuffer sent(&bytes, 1);
    const auto reader = stub.PrepareUnaryCall(
        &call, "/capmon.v1.Capmon/Invented" + std::to_string(i), sent, &queue);
    reader->StartCall();
    reader->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  }
  EXPECT_LE(live.server->call_counts().finished().size(), before + 2);
  EXPECT_TRUE(Eventually([&] { return live.server->call_counts().in_flight() == 0; }));
}

TEST(CallCounts, StreamsAreInFlight) {
  LiveServer live;
  grpc::ClientContext call;
  const auto stub = live.Stub();
  const auto reader = stub->WatchEvents(&call, {});
  EXPECT_TRUE(Eventually([&] { return live.server->call_counts().in_flight() == 1; }));
  call.TryCancel();
  (void)reader->Finish();
  EXPECT_TRUE(Eventually([&] {
    return live.server->call_counts().in_flight() == 0 &&
           Finished(live, "WatchEvents", "CANCELLED") == 1;
  }));
}

}  // namespace
}  // namespace capmon
