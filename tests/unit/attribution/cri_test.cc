// SPDX-License-Identifier: Apache-2.0
// Against a real gRPC server on a real socket that answers well, badly, or not at all. Nothing is
// timed: a wait ends with the answer, or fails after a minute.
#include "daemon/attribution/cri.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "runtime/v1/cri.grpc.pb.h"

namespace capmon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace v1 = runtime::v1;

const std::string kPod(64, 'b');
const std::string kId(64, 'a');
const std::string kLate(64, 'c');

class Runtime final : public v1::RuntimeService::Service {
 public:
  grpc::Status Version(grpc::ServerContext* call, const v1::VersionRequest*,
                       v1::VersionResponse* answer) override {
    answer->set_runtime_name("containerd");
    return Behave(call);
  }
  grpc::Status ListPodSandbox(grpc::ServerContext* call, const v1::ListPodSandboxRequest* request,
                              v1::ListPodSandboxResponse* answer) override {
    v1::PodSandbox* pod = answer->add_items();
    pod->set_id(kPod);
    pod->mutable_metadata()->set_name("web-6d9f7c5b8-x2x7k");
    pod->mutable_metadata()->set_namespace_("shop");
    pod->mutable_metadata()->set_uid("uid-1");
    (*pod->mutable_labels())["pod-template-hash"] = "6d9f7c5b8";
    if (chatty && request->filter().id().empty())
      (*pod->mutable_annotations())["note"] = std::string(20 << 20, 'x');
    answer->add_items()->set_id("../evil");
    return Behave(call);
  }
  grpc::Status ListContainers(grpc::ServerContext* call, const v1::ListContainersRequest* request,
                              v1::ListContainersResponse* answer) override {
    const std::string& wanted = request->filter().id();
    for (const std::string& id : {kId, kLate}) {
      if (id == kLate && !late) continue;
      if (!wanted.empty() && wanted != id) continue;
      v1::Container* container = answer->add_containers();
      container->set_id(id);
      container->set_pod_sandbox_id(kPod);
      container->mutable_metadata()->set_name(id == kId ? "nginx" : "sidecar");
      container->mutable_image()->set_image("nginx:1.25");
      container->set_state(1);
    }
    return Behave(call);
  }
  grpc::Status ContainerStatus(grpc::ServerContext* call, const v1::ContainerStatusRequest*,
                               v1::ContainerStatusResponse* answer) override {
    (*answer->mutable_info())["info"] =
        R"({"runtimeSpec":{"process":{"capabilities":{"bounding":["CAP_CHOWN"]}}}})";
    return Behave(call);
  }
  grpc::Status GetContainerEvents(grpc::ServerContext* call, const v1::GetEventsRequest*,
                                  grpc::ServerWriter<v1::ContainerEventResponse>* events) override {
    if (!tells_events) return {grpc::StatusCode::UNIMPLEMENTED, "not here"};
    while (!call->IsCancelled()) {
      if (late.exchange(late)) {
        v1::ContainerEventResponse event;
        event.set_container_id(kLate);
        if (!events->Write(event)) break;
      }
      std::this_thread::sleep_for(5ms);
    }
    return grpc::Status::OK;
  }

  std::atomic<bool> late = false, tells_events = false, silent = false, refuses = false,
                    chatty = false;

 private:
  grpc::Status Behave(grpc::ServerContext* call) const {
    while (silent && !call->IsCancelled()) std::this_thread::sleep_for(5ms);
    if (refuses) return {grpc::StatusCode::UNIMPLEMENTED, "unknown service runtime.v1"};
    return grpc::Status::OK;
  }
};

class CriTest : public testing::Test {
 protected:
  CriTest() {
    char pattern[] = "/tmp/capmon-criXXXXXX";
    directory_ = ::mkdtemp(pattern);
    socket_ = directory_ + "/cri.sock";
  }
  ~CriTest() override {
    StopServer();
    std::filesystem::remove_all(directory_);
  }
  void StartServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix://" + socket_, grpc::InsecureServerCredentials());
    builder.RegisterService(&runtime_);
    server_ = builder.BuildAndStart();
  }
  void StopServer() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  Lookup Cri(std::chrono::milliseconds patience = 5s) {
    return Lookup(std::make_unique<CriSource>(CriSource::Options{
                      .sockets = {directory_ + "/none.sock", socket_}, .patience = patience}),
                  {.retry = 50ms, .eager_retry = 5ms, .not_yet = 1ms});
  }
  static bool Until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + 1min;
    while (!holds() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
    return holds();
  }
  static bool UntilState(const Lookup& names, const std::string& state) {
    return Until([&] {
      return names.state().state == state && !(state != "ok" && names.state().detail.empty());
    });
  }
  // The newest description of a container that satisfies `fits`.
  static std::optional<ContainerDescribed> Wait(
      Lookup& names, const std::function<bool(const ContainerDescribed&)>& fits) {
    std::optional<ContainerDescribed> found;
    Until([&] {
      for (ContainerDescribed& described : names.Drain())
        if (fits(described)) found = std::move(described);
      return found.has_value();
    });
    return found;
  }

  std::string directory_, socket_;
  Runtime runtime_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(CriTest, ReportsPodsAndContainers) {
  StartServer();
  Lookup names = Cri();
  const auto nginx = Wait(names, [](const auto& d) { return d.container_id == kId && d.held; });
  ASSERT_TRUE(nginx);
  EXPECT_EQ(nginx->source, "cri");
  EXPECT_EQ(nginx->name, "nginx");
  EXPECT_EQ(nginx->image, "nginx:1.25");
  EXPECT_EQ(nginx->runtime, "containerd");
  EXPECT_EQ(nginx->pod, "web-6d9f7c5b8-x2x7k");
  EXPECT_EQ(nginx->pod_namespace, "shop");
  EXPECT_EQ(nginx->pod_uid, "uid-1");
  EXPECT_EQ(nginx->workload, "deploy/web");
  EXPECT_EQ(nginx->held->bounding, CapabilitySet(1));
  const auto pod = Wait(names, [](const auto& d) { return d.container_id == kPod; });
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->name, "POD");
  EXPECT_TRUE(UntilState(names, "ok"));
}

// Annotations can make all pods together too long for one answer.
TEST_F(CriTest, ListsThatAreTooLongDoNotSilenceIt) {
  runtime_.chatty = true;
  StartServer();
  Lookup names = Cri();
  names.Request({kId, ""});
  EXPECT_TRUE(Wait(names, [](const auto& d) {
    return d.container_id == kId && d.held && d.pod == "web-6d9f7c5b8-x2x7k";
  }));
  EXPECT_TRUE(UntilState(names, "ok"));
}

TEST_F(CriTest, AContainerThatComesLaterIsFoundWhenItIsWanted) {
  StartServer();
  Lookup names = Cri();
  ASSERT_TRUE(UntilState(names, "ok"));
  runtime_.late = true;
  names.Request({kLate, "/k8s.io/" + kLate});
  EXPECT_TRUE(Wait(names, [](const auto& d) { return d.container_id == kLate; }));
}

TEST_F(CriTest, EventsReportContainersThatWereNotRequested) {
  runtime_.tells_events = true;
  StartServer();
  Lookup names = Cri();
  ASSERT_TRUE(UntilState(names, "ok"));
  runtime_.late = true;
  EXPECT_TRUE(Wait(names, [](const auto& d) { return d.container_id == kLate && d.held; }));
}

TEST_F(CriTest, WithoutEventsItLooksNowAndThen) {
  StartServer();
  Lookup names = Cri();
  ASSERT_TRUE(UntilState(names, "ok"));
  runtime_.late = true;
  EXPECT_TRUE(Wait(names, [](const auto& d) { return d.container_id == kLate && d.held; }));
}

TEST_F(CriTest, ComesAndGoesWithTheSocket) {
  Lookup names = Cri();
  ASSERT_TRUE(UntilState(names, "absent"));
  EXPECT_THAT(names.state().detail, HasSubstr(socket_));
  StartServer();
  ASSERT_TRUE(UntilState(names, "ok"));
  StopServer();
  EXPECT_TRUE(Until([&] { return names.state().state != "ok"; }));
  StartServer();
  EXPECT_TRUE(UntilState(names, "ok"));
}

TEST_F(CriTest, SilenceIsAFailureThatBlocksNothing) {
  runtime_.silent = true;
  StartServer();
  {
    Lookup names = Cri(100ms);
    for (int i = 0; i < 1000; ++i) names.Request({kId, ""});
    EXPECT_TRUE(UntilState(names, "failing"));
    EXPECT_THAT(names.state().detail, HasSubstr("no answer in time"));
    EXPECT_TRUE(names.Drain().empty());
  }
  Lookup patient = Cri(std::chrono::hours(1));  // its end would not come for an hour
  runtime_.silent = false;
}

TEST_F(CriTest, AServerWithAnotherProtocolIsNoRuntime) {
  runtime_.refuses = true;
  StartServer();
  Lookup names = Cri();
  EXPECT_TRUE(UntilState(names, "absent"));
  EXPECT_THAT(names.state().detail, HasSubstr("unknown service"));
}

TEST_F(CriTest, GarbageIsAFailure) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(listener.get(), 16), 0);
  std::jthread talker([&] {
    while (true) {
      const UniqueFd client(::accept(listener.get(), nullptr, nullptr));
      if (!client) return;
      const std::string garbage(10'000, '\xee');
      ::send(client.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
    }
  });
  {
    Lookup names = Cri(300ms);
    EXPECT_TRUE(UntilState(names, "failing"));
    EXPECT_TRUE(names.Drain().empty());
  }
  ::shutdown(listener.get(), SHUT_RDWR);
}

}  // namespace
}  // namespace capmon
