// SPDX-License-Identifier: Apache-2.0
// Serves GET /metrics, and nothing else, on one thread. Any number of slow, silent or hostile
// clients cost at most some small buffers for some seconds: they block neither the event loop nor
// each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"
#include "daemon/metrics/exposition.h"
#include "daemon/metrics/listener.h"

struct MHD_Connection;
struct MHD_Daemon;

namespace capmon {

class MetricsServer {
 public:
  struct Options {
    unsigned connections = 32;      // at a time; a further one ends the oldest of its kind
    TimeNs deadline = 2 * kSecond;  // of a connection, from its first to its last byte
  };
  // `take` is called on the server's thread, at most once a second.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(Listener listener,
                                                              std::function<MetricsSnapshot()> take,
                                                              Options options);
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(
      Listener listener, std::function<MetricsSnapshot()> take) {
    return Start(std::move(listener), std::move(take), Options());
  }
  ~MetricsServer();  // also while a client reads

  const ListenAddress& address() const { return listener_.address(); }
  // Connections that were ended because of their number or their time. Any thread.
  uint64_t ended() const { return ended_; }

  static constexpr size_t kMaxRequestBytes = 16 * 1024;

 private:
  MetricsServer(Listener listener, std::function<MetricsSnapshot()> take, Options options);
  absl::Status StartLibrary();
  void Run();
  // Returns the time until the next thing to do without an event.
  int PatienceMilliseconds();
  struct Client {
    TimeNs opened = 0;
    std::string owner;  // its address, or "" for all of a Unix socket
    bool ended = false;
  };

  void Note(int fd);
  void End(int fd, Client& client);
  // Ends connections that are older than the deadline, whatever they send.
  void EndOldConnections();
  // The owner with the most loses its oldest, so that a flood displaces only itself.
  void EndOldestOfFullest();
  int Answer(MHD_Connection* connection, const std::string& path, const std::string& method);
  int Reply(MHD_Connection* connection, unsigned code, const std::string& text, const char* type);
  friend struct MetricsCallbacks;

  const Options options_;
  Listener listener_;
  Exposition exposition_;
  UniqueFd stop_;
  std::map<int, Client> clients_;  // by descriptor; of the thread
  std::atomic<uint64_t> ended_ = 0;
  MHD_Daemon* library_ = nullptr;
  std::thread thread_;  // last: uses all members above
};

}  // namespace capmon
