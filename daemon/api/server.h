// SPDX-License-Identifier: Apache-2.0
// Serves the API on a Unix socket, with the standard health service and reflection. Sets no signal
// handlers and writes nothing to stderr. The objects it serves must outlive it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/address.h"
#include "daemon/api/acceptor.h"
#include "daemon/api/call_counter.h"
#include "daemon/api/service.h"
#include "daemon/api/socket_claim.h"
#include "grpcpp/server.h"

namespace capmon {

class Server {
 public:
  struct Options {
    std::string address = kDefaultAddress;
    mode_t mode = 0660;
    std::string group;  // group that may connect besides the owner; empty: the daemon's own group
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

  // Ends every stream, gives running calls half a second, then removes the socket. Returns after
  // kStopDeadline at the latest. Returns false if gRPC still runs then and its threads still use
  // the served objects.
  bool Stop();
  static constexpr std::chrono::milliseconds kStopDeadline{1500};

  // Any thread.
  const CallCounts& calls() const { return calls_; }

 private:
  Server(ServiceContext context, SocketClaim claim);
  void PublishHealth(std::stop_token stop);

  ServiceContext context_;
  std::optional<SocketClaim> claim_;
  Peers peers_;
  Service service_;
  CallCounts calls_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Acceptor> acceptor_;
  std::future<void> ended_;  // set while gRPC ends
  std::jthread health_;      // last: uses all members above
};

}  // namespace capmon
