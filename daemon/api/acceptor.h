// SPDX-License-Identifier: Apache-2.0
// Accepts connections in place of gRPC's listeners, which show no user at the other end and have no
// limits. A connection reaches gRPC only after its client has begun to speak; until it ends, a
// second descriptor of it stays here, to count it and to end it when its client stops reading.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/api/refusals.h"
#include "daemon/api/roles.h"
#include "daemon/base/synchronized.h"
#include "daemon/base/unique_fd.h"

struct pollfd;

namespace capmon {

// The process that connected, by the kernel's word (SO_PEERCRED, SO_PEERGROUPS).
struct Peer {
  uid_t uid = 0;
  pid_t pid = 0;
  Role role = Role::kNone;
};

// The peers of the open connections of the Unix socket. Any thread.
class Peers {
 public:
  void Note(int connection, Peer peer);
  void Forget(int connection);
  // Returns the peer of a connection, by the name that gRPC gives it ("fd:200"); nothing after it
  // was closed. The number of a closed connection is used again, but only after all others were
  // used.
  std::optional<Peer> Of(const std::string& connection);

 private:
  Synchronized<std::map<int, Peer>> peers_;  // by descriptor
};

struct ConnectionLimits {
  size_t silent = 384;  // that have not begun to speak
  size_t open = 96;
  size_t open_of_viewers = 64;  // the others are for operators
  size_t open_of_one = 48;      // viewer, or address
  std::chrono::milliseconds silence{10'000};
  std::chrono::milliseconds stuck{60'000};  // with bytes that the client does not read
};

// What the first bytes of a connection must be.
enum class Protocol : uint8_t { kHttp2, kTls };
enum class Opening : uint8_t { kUndecided, kSpeaks, kGarbage };
Opening JudgeOpening(Protocol protocol, std::string_view bytes);

class Acceptor {
 public:
  // Gives a connection to gRPC, which owns the descriptor then.
  using HandOver = std::function<void(int descriptor)>;

  static absl::StatusOr<std::unique_ptr<Acceptor>> Make(Access access, ConnectionLimits limits,
                                                        Refusals& refusals);
  ~Acceptor() { Stop(); }

  // Creates the socket, which only this user may connect to until its mode is changed.
  absl::Status ListenOnUnix(const std::string& path);
  // "HOST:PORT". Returns the port, which differs if 0 was given.
  absl::StatusOr<int> ListenOnTcp(const std::string& address);

  // Passes connections on, on a thread of its own, until Stop(). `peers` and what the functions use
  // must outlive it.
  void Serve(Peers& peers, HandOver http2, HandOver tls);
  void Stop();

 private:
  struct Listener {
    UniqueFd socket;
    Protocol protocol;
  };
  struct Connection {
    UniqueFd socket;
    Protocol protocol = Protocol::kHttp2;
    Peer peer;
    std::string owner;  // "uid 1000", "address 10.0.0.7"
    int64_t since = 0;  // accepted, or when its unread bytes last changed
    int unread = 0;
    int number = -1;        // the descriptor that gRPC has
    bool stutters = false;  // it sent a part of its first bytes
  };

  Acceptor(Access access, ConnectionLimits limits, Refusals& refusals, UniqueFd stop);
  void Run();
  int Patience() const;  // of poll
  void Accept(const Listener& listener);
  void NoDescriptors();
  absl::StatusOr<Connection> Identify(UniqueFd socket, Protocol protocol) const;
  void DropOldestOfFullest();
  // Returns whether it stays: it did not speak yet.
  bool StaysSilent(Connection& connection, short events, int64_t now);
  void Open(Connection connection, int64_t now);
  bool HasRoomFor(const Connection& connection) const;
  // Returns whether it is open still.
  bool StaysOpen(Connection& connection, short events, int64_t now);
  bool MayLeaveMemory() const;
  // After many connections have ended.
  void ReturnMemoryAfterFlood(int64_t now);
  // Returns a descriptor of the connection for gRPC; negative if there is none.
  int Renumbered(const UniqueFd& connection);

  const Access access_;
  const ConnectionLimits limits_;
  Refusals& refusals_;
  UniqueFd stop_;
  std::vector<Listener> listeners_;
  std::vector<Connection> silent_;  // oldest first
  std::vector<Connection> open_;
  Peers* peers_ = nullptr;
  HandOver http2_, tls_;
  int next_ = 0;
  size_t most_ = 0;      // connections at a time, since memory was returned
  size_t accepted_ = 0;  // since then, one after the other
  int64_t many_at_ = 0;  // the last time that more than half of those were there
  std::jthread thread_;
};

}  // namespace capmon
