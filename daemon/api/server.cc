// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/server.h"

#include <grpc/support/log.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"

namespace capmon {
namespace {

// One thread per stream, and some for the calls that answer at once.
constexpr int kMaxThreads = 2 * Service::kMaxStreams;
constexpr int kMaxRequestBytes = 64 * 1024;
constexpr int kMaxResponseBytes = 64 * 1024 * 1024;
constexpr std::chrono::milliseconds kGrace(500);
// The longest sleep of a gRPC thread: with many connections a wake-up can get lost, and the thread
// then notices the end of the server only after this time.
constexpr int kPollMilliseconds = 500;
constexpr std::chrono::seconds kPulse(1);

void PrepareGrpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});  // the daemon has its own log
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
}

absl::StatusOr<std::optional<gid_t>> GroupOf(const Server::Options& options) {
  if (options.group.empty()) return std::nullopt;
  const auto named = GroupNamed(options.group);
  if (!named.ok()) return named.status();
  return *named;
}

// It gets its connections from an Acceptor.
std::unique_ptr<grpc::Server> Build(grpc::Service* service, CallCounts& calls) {
  grpc::ResourceQuota quota("capmond");
  quota.SetMaxThreads(kMaxThreads);
  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::CQ_TIMEOUT_MSEC, kPollMilliseconds);
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetMaxSendMessageSize(kMaxResponseBytes);
  builder.experimental().SetInterceptorCreators(CountCalls(calls));
  builder.RegisterService(service);
  return builder.BuildAndStart();
}

}  // namespace

Server::Server(ServiceContext context, SocketClaim claim)
    : context_(context), claim_(std::move(claim)), service_(std::move(context), peers_) {}

absl::StatusOr<SocketClaim> Server::Claim(const Options& options) {
  const auto path = SocketPath(options.address);
  if (!path.ok()) return path.status();
  const auto group = GroupOf(options);
  if (!group.ok()) return group.status();
  return SocketClaim::Acquire(*path, *group);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      ServiceContext context) {
  auto claim = Claim(options);
  if (!claim.ok()) return claim.status();
  return Start(options, *std::move(claim), std::move(context));
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options, SocketClaim claim,
                                                      ServiceContext context) {
  const auto path = SocketPath(options.address);
  if (!path.ok()) return path.status();
  const auto group = GroupOf(options);
  if (!group.ok()) return group.status();

  PrepareGrpc();
  std::unique_ptr<Server> server(new Server(std::move(context), std::move(claim)));
  auto acceptor = Acceptor::Listen(*path);
  if (!acceptor.ok()) return acceptor.status();
  server->server_ = Build(&server->service_, server->calls_);
  if (server->server_ == nullptr)
    return absl::UnavailableError(absl::StrCat("cannot serve on ", *path));
  server->acceptor_ = *std::move(acceptor);
  server->acceptor_->Serve(*server->server_, server->peers_);
  server->server_->GetHealthCheckService()->SetServingStatus(false);
  server->health_ = std::jthread(
      [raw = server.get()](std::stop_token stop) { raw->PublishHealth(std::move(stop)); });
  if (absl::Status status = server->claim_->OpenToClients(options.mode, *group); !status.ok())
    return status;
  return server;
}

// Runs on a thread of its own, so that it also reports an event loop that hangs.
void Server::PublishHealth(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any sleep;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    server_->GetHealthCheckService()->SetServingStatus(context_.health().serving);
    sleep.wait_for(lock, stop, kPulse, [] { return false; });
  }
  server_->GetHealthCheckService()->SetServingStatus(false);
}

Server::~Server() {
  if (!Stop()) ended_.wait();
}

// gRPC may take seconds to stop: it waits for a handler that hangs and, with many connections, for
// a thread that missed its wake-up. It stops on a thread of its own, so that nothing waits for it.
bool Server::Stop() {
  if (ended_.valid()) return ended_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  if (server_ == nullptr) return true;
  if (health_.joinable()) {
    health_.request_stop();
    health_.join();
  }
  acceptor_->Stop();
  context_.alerts.Close();
  context_.events.Close();
  ended_ = std::async(std::launch::async, [this] {
    server_->Shutdown(std::chrono::system_clock::now() + kGrace);
    server_->Wait();
  });
  const bool ended = ended_.wait_for(kStopDeadline) == std::future_status::ready;
  claim_.reset();
  return ended;
}

}  // namespace capmon
