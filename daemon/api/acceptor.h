// SPDX-License-Identifier: Apache-2.0
// Accepts connections in place of gRPC's listener, which does not show the user at the other end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "daemon/base/synchronized.h"
#include "daemon/base/unique_fd.h"
#include "grpcpp/server.h"

namespace capmon {

// The process that connected, by the kernel's word (SO_PEERCRED).
struct Peer {
  uid_t uid = 0;
  pid_t pid = 0;
};

// The peers of the open connections. Any thread.
class Peers {
 public:
  void Note(int connection, Peer peer);
  // Returns the peer of a connection, by the name that gRPC gives it ("fd:200"). It holds for a
  // call that is not cancelled: the number of a closed connection is used again, but only after all
  // others were used.
  std::optional<Peer> Of(const std::string& connection);

 private:
  Synchronized<std::map<int, Peer>> peers_;  // by descriptor, so there is a bound
};

class Acceptor {
 public:
  // Creates the socket, which only this user may connect to until its mode is changed.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Listen(const std::string& path);
  ~Acceptor() { Stop(); }

  // Passes connections to the server on a thread of its own, until Stop(). Both must outlive it.
  void Serve(grpc::Server& server, Peers& peers);
  void Stop();

 private:
  Acceptor(UniqueFd socket, UniqueFd stop) : socket_(std::move(socket)), stop_(std::move(stop)) {}
  void Run(grpc::Server& server, Peers& peers);
  void AcceptOne(grpc::Server& server, Peers& peers);
  // Returns another descriptor of the connection; negative if there is none.
  int Renumber(const UniqueFd& connection);

  UniqueFd socket_;
  UniqueFd stop_;
  int next_ = 0;
  std::jthread thread_;
};

}  // namespace capmon
