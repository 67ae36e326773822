// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/server.h"

#include <grpc/support/log.h>
#include <grpcpp/server_posix.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/wall_clock.h"
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
constexpr int kMaxStreamsOfConnection = 64;
constexpr int kMaxMetadataBytes = 8 * 1024;
constexpr int kHandshakeMilliseconds = 10'000;
constexpr int kPingMilliseconds = 60'000;
constexpr int kPongMilliseconds = 20'000;
constexpr int kIdleMilliseconds = 600'000;

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

// Connections and their count are bounded by descriptors as well.
ConnectionLimits WithinDescriptors(ConnectionLimits limits) {
  constexpr rlim_t kWanted = 4096;
  rlimit descriptors = {};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return limits;
  if (descriptors.rlim_cur < kWanted) {
    rlimit raised = descriptors;
    raised.rlim_cur = std::min(descriptors.rlim_max, kWanted);
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) descriptors = raised;
  }
  limits.silent = std::min<size_t>(limits.silent, descriptors.rlim_cur / 4);
  limits.open = std::min<size_t>(limits.open, descriptors.rlim_cur / 8);
  return limits;
}

// A client that answers no ping is gone; pings also go out while nothing else does.
void BoundConnections(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsOfConnection);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kPingMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPongMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMilliseconds);
}

}  // namespace

Server::Server(const Options& options, ServiceContext context, SocketClaim claim)
    : context_(std::move(context)),
      claim_(std::move(claim)),
      calls_(options.calls, peers_, refusals_),
      service_(
          [this] {
            ServiceContext served = context_;
            served.counters = [this] {
              std::map<std::string, uint64_t> counters = context_.counters();
              counters.merge(refusals_.counts());
              return counters;
            };
            return served;
          }(),
          peers_),
      gate_(service_, calls_, context_.log) {}

// It gets its connections from the acceptor.
absl::Status Server::Build(const Options& options) {
  grpc::ResourceQuota quota("capmond");
  quota.SetMaxThreads(kMaxThreads);
  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::CQ_TIMEOUT_MSEC, kPollMilliseconds);
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetMaxSendMessageSize(kMaxResponseBytes);
  BoundConnections(builder);
  builder.experimental().SetInterceptorCreators(Noting(calls_, call_counts_));
  if (!options.listen.empty()) {
    auto certificates = TlsInUse::Read(options.tls);
    if (!certificates.ok()) return certificates.status();
    certificates_ = *std::move(certificates);
    tls_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        certificates_->Credentials());
  }
  builder.RegisterService(&gate_);
  server_ = builder.BuildAndStart();
  return server_ != nullptr ? absl::OkStatus() : absl::UnavailableError("cannot start gRPC");
}

absl::Status Server::Listen(const Options& options, const std::string& path) {
  auto acceptor = Acceptor::Make(options.access, WithinDescriptors(options.connections), refusals_);
  if (!acceptor.ok()) return acceptor.status();
  acceptor_ = *std::move(acceptor);
  if (absl::Status status = acceptor_->ListenOnUnix(path); !status.ok()) return status;
  if (options.listen.empty()) return absl::OkStatus();
  const auto port = acceptor_->ListenOnTcp(options.listen);
  if (port.ok()) tcp_port_ = *port;
  return port.status();
}

absl::StatusOr<SocketClaim> Server::Claim(const Options& options) {
  const auto path = SocketPath(options.address);
  if (!path.ok()) return path.status();
  const auto group = GroupOf(options);
  if (!group.ok()) return group.status();
  if (!options.listen.empty())
    if (absl::Status status = CheckTlsFiles(options.tls); !status.ok()) return status;
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
  std::unique_ptr<Server> server(new Server(options, std::move(context), std::move(claim)));
  if (absl::Status status = server->Listen(options, *path); !status.ok()) return status;
  if (absl::Status status = server->Build(options); !status.ok()) return status;
  server->acceptor_->Serve(
      server->peers_,
      [raw = server->server_.get()](int descriptor) {
        grpc::AddInsecureChannelFromFd(raw, descriptor);
      },
      [raw = server->tls_.get()](int descriptor) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
        connection.fd = descriptor;
        raw->HandleNewConnection(&connection);
      });
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
  for (unsigned seconds = 1; !stop.stop_requested(); ++seconds) {
    server_->GetHealthCheckService()->SetServingStatus(context_.health().serving);
    calls_.CancelOverdue(SteadyClock());
    if (certificates_ != nullptr && seconds % certificates_->refresh_seconds() == 0)
      if (const std::string line = certificates_->Refresh(); !line.empty()) context_.log(line);
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
