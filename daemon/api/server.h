// SPDX-License-Identifier: Apache-2.0
// Serves the API on a Unix socket, and if asked to by TLS, with the standard health service and
// reflection. Sets no signal handlers and writes nothing to stderr. The objects it serves must
// outlive it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/address.h"
#include "daemon/api/acceptor.h"
#include "daemon/api/call_counter.h"
#include "daemon/api/calls.h"
#include "daemon/api/gate.h"
#include "daemon/api/refusals.h"
#include "daemon/api/roles.h"
#include "daemon/api/service.h"
#include "daemon/api/socket_claim.h"
#include "daemon/api/tls.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace capmon {

class Server {
 public:
  struct Options {
    std::string address = kDefaultAddress;
    mode_t mode = 0660;
    std::string group;  // group that may connect besides the owner; empty: the daemon's own group
    Access access = {};
    std::string listen = {};  // HOST:PORT, with TLS; empty: nowhere
    TlsFiles tls = {};
    ConnectionLimits connections = {};
    CallLimits calls = {};
  };

  // Claims the socket without serving: the most frequent failure of a start is found before the
  // start changes anything.
  static absl::StatusOr<SocketClaim> Claim(const Options& options);
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options, SocketClaim claim,
                                                       ServiceContext context);
  // Claims and serves.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options,
                                                       ServiceContext context);
  ~Server();  // waits for threads that Stop() did not end

  int tcp_port() const { return tcp_port_; }  // 0: it does not listen there

  // Ends every stream, gives running calls half a second, then removes the socket. Returns after
  // kStopDeadline at the latest. Returns false if gRPC still runs then and its threads still use
  // the served objects.
  bool Stop();
  static constexpr std::chrono::milliseconds kStopDeadline{1500};

  // Any thread.
  const CallCounts& call_counts() const { return call_counts_; }
  // With a 0 for each cause.
  std::map<std::string, uint64_t> refusals() { return refusals_.all(); }

 private:
  Server(const Options& options, ServiceContext context, SocketClaim claim);
  absl::Status Listen(const Options& options, const std::string& path);
  absl::Status Build(const Options& options);
  void PublishHealth(std::stop_token stop);

  ServiceContext context_;
  std::optional<SocketClaim> claim_;
  Peers peers_;
  Refusals refusals_;
  Calls calls_;
  Service service_;
  CallCounts call_counts_;
  ApiGate gate_;
  std::unique_ptr<TlsInUse> certificates_;  // null: no TLS
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> tls_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Acceptor> acceptor_;
  int tcp_port_ = 0;
  std::future<void> ended_;  // set while gRPC ends
  std::jthread health_;      // last: uses all members above
};

}  // namespace capmon
