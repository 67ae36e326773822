// SPDX-License-Identifier: Apache-2.0
// The socket: which process serves there, which users may connect, what is left at the end.
#include "daemon/api/server.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <future>
#include <thread>

#include "tests/api/any_call.h"
#include "tests/api/live_server.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

absl::Status StartAt(LiveServer& live, const std::string& address, const std::string& group = "") {
  return Server::Start({.address = address, .mode = 0660, .group = group}, live.served()).status();
}

mode_t ModeOf(const std::string& path) {
  struct stat found = {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

// Creates a socket file, with or without a listener.
UniqueFd ListenAt(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(::listen(fd.get(), 1), 0);
  return fd;
}

std::string Unary(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const std::string& request) {
  grpc::ByteBuffer received;
  const grpc::Status status = CallByName(channel, method, request, received);
  EXPECT_TRUE(status.ok()) << status.error_message();
  std::vector<grpc::Slice> slices;
  if (status.ok() && !received.Dump(&slices).ok()) ADD_FAILURE() << method;
  std::string text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

TEST(Server, OnlyItsGroupMayConnect) {
  LiveServer live;
  EXPECT_EQ(ModeOf(live.socket()), 0660u);
  EXPECT_EQ(ModeOf(live.directory_ / "run"), 0750u);
}

TEST(Server, LeavesNothingBehind) {
  LiveServer live;
  live.server->Stop();
  EXPECT_NE(::access(live.socket().c_str(), F_OK), 0);
  EXPECT_NE(::access((live.socket() + ".lock").c_str(), F_OK), 0);
  live.server->Stop();  // calling it twice is harmless
}

TEST(Server, OneDaemonPerSocket) {
  LiveServer first, second;
  const absl::Status refused = StartAt(second, first.address());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_EQ(refused.message(), "another capmond is already serving " + first.socket() +
                                   "; stop it or choose another --address");
  v1::Status status;
  grpc::ClientContext call;
  EXPECT_TRUE(first.Stub()->GetStatus(&call, {}, &status).ok()) << "the first is not disturbed";

  first.server->Stop();
  const absl::Status taken_over = StartAt(second, first.address());
  EXPECT_TRUE(taken_over.ok()) << taken_over;
}

TEST(Server, ReplacesASocketWithoutAListener) {
  LiveServer live;
  const std::string path = live.directory_ / "stale.sock";
  ListenAt(path).Reset();
  ASSERT_EQ(::access(path.c_str(), F_OK), 0);
  const absl::Status started = StartAt(live, "unix://" + path);
  EXPECT_TRUE(started.ok()) << started;
}

TEST(Server, NeverTakesAnothersSocket) {
  LiveServer live;
  const std::string path = live.directory_ / "docker.sock";
  const UniqueFd other = ListenAt(path);
  const absl::Status refused = StartAt(live, "unix://" + path);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  EXPECT_NE(::access((path + ".lock").c_str(), F_OK), 0);
}

TEST(Server, RejectsAddressesItCannotServe) {
  LiveServer live;
  ASSERT_TRUE(WriteFile(live.directory_ / "file", "precious"));
  const std::string here = "unix://" + live.directory_.path();
  const std::string garbage[] = {"",
                                 "localhost:1",
                                 "unix:relative",
                                 "unix:///tmp/" + std::string(108, 'x'),
                                 here,
                                 here + "/",
                                 here + "/file",
                                 here + "/file/socket",
                                 here + "/no/such/directory/socket"};
  for (const std::string& address : garbage) {
    const absl::Status refused = StartAt(live, address);
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << address << ": " << refused;
    EXPECT_EQ(refused.message().find('\n'), refused.message().npos);
  }
  EXPECT_EQ(ReadFile(live.directory_ / "file"), "precious");
  EXPECT_THAT(std::string(StartAt(live, here + "/s", "no such group").message()),
              HasSubstr("there is no such group"));
}

TEST(Server, ServesAnyFileName) {
  LiveServer live;
  const std::string path = live.directory_ / "50% of a\\path?#x";
  auto server =
      Server::Start({.address = "unix://" + path, .mode = 0600, .group = ""}, live.served());
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(ModeOf(path), 0600u);
  const auto stub = v1::Capmon::NewStub(
      grpc::CreateChannel(GrpcTarget(path), grpc::InsecureChannelCredentials()));
  grpc::ClientContext call;
  v1::Status status;
  EXPECT_TRUE(stub->GetStatus(&call, {}, &status).ok());
}

TEST(Server, LeavesSignalsToTheDaemon) {
  LiveServer live;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    ASSERT_EQ(::sigaction(signal, nullptr, &action), 0);
    EXPECT_EQ(action.sa_handler, SIG_DFL) << strsignal(signal);
  }
}

TEST(Server, ReportsItsHealth) {
  // grpc.health.v1.HealthCheckResponse: field 1 is the status, 1 SERVING, 2 NOT_SERVING.
  LiveServer live;
  const std::string check = "/grpc.health.v1.Health/Check";
  const auto becomes = [&](const std::string& answer) {
    return Eventually([&] { return Unary(live.Channel(), check, "") == answer; });
  };
  EXPECT_TRUE(becomes("\x08\x01"));
  live.SetHealth({false, "out of breath", 0});
  EXPECT_TRUE(becomes("\x08\x02"));
  live.SetHealth({true, "", kStart});
  EXPECT_TRUE(becomes("\x08\x01"));
}

TEST(Server, DescribesItself) {
  LiveServer live;
  // ServerReflectionRequest: field 7 asks for the list of services.
  const std::string services =
      Unary(live.Channel(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            "\x3a\x01*");
  EXPECT_THAT(services, HasSubstr("capmon.v1.Capmon"));
  EXPECT_THAT(services, HasSubstr("grpc.health.v1.Health"));
}

// A deadline ends the wait: here a handler hangs.
TEST(Server, StopsWithoutACallThatDoesNotEnd) {
  static_assert(Server::kStopDeadline < std::chrono::seconds(2));
  LiveServer live;
  std::promise<void> entered, released;
  ServiceContext served = live.served();
  served.refresh = [&](const std::string&) {
    entered.set_value();
    released.get_future().wait();
    return true;
  };
  const std::string path = live.directory_ / "hanging.sock";
  auto server = Server::Start({.address = "unix://" + path, .mode = 0600, .group = ""}, served);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = v1::Capmon::NewStub(
      grpc::CreateChannel(GrpcTarget(path), grpc::InsecureChannelCredentials()));
  std::thread caller([&] {
    grpc::ClientContext call;
    v1::Status status;
    EXPECT_FALSE(stub->GetStatus(&call, {}, &status).ok());
  });
  entered.get_future().wait();
  EXPECT_FALSE((*server)->Stop());
  EXPECT_FALSE((*server)->Stop()) << "still not";
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
  caller.join();  // cancelled
  released.set_value();
  server->reset();  // ends now
}

TEST(Server, StopsHoweverManyAreConnected) {
  LiveServer live;
  live.AddContainer(10, 'a', "web");
  std::vector<UniqueFd> silent;  // connected, but silent
  for (int i = 0; i < 60; ++i) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, live.socket().c_str(), sizeof(address.sun_path) - 1);
    silent.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(
        ::connect(silent.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const std::string word = i % 2 ? "PRI * HTTP/2.0\r\n" : "";
    ASSERT_EQ(::write(silent.back().get(), word.data(), word.size()), ssize_t(word.size()));
  }
  std::vector<std::unique_ptr<v1::Capmon::Stub>> stubs;
  std::vector<std::unique_ptr<grpc::ClientContext>> calls;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::Event>>> streams;
  for (int i = 0; i < Service::kMaxStreams; ++i) {
    stubs.push_back(live.Stub());
    calls.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stubs.back()->WatchEvents(calls.back().get(), v1::WatchEventsRequest()));
    streams.back()->WaitForInitialMetadata();
  }
  live.server->Stop();  // in time, by the deadline of the previous test
  EXPECT_NE(::access(live.socket().c_str(), F_OK), 0);
  live.server.reset();  // waits for gRPC
}

}  // namespace
}  // namespace capmon
