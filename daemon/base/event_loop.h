// SPDX-License-Identifier: Apache-2.0
// The loop of one thread: descriptors, a tick, SIGINT, SIGTERM and SIGHUP, and work that other
// threads ask for. Create it before any other thread, so that other threads inherit the blocked
// signals.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class EventLoop {
 public:
  static absl::StatusOr<std::unique_ptr<EventLoop>> Create();

  // Calls back while `fd` is readable; the callback must drain it.
  absl::Status OnReadable(int fd, std::function<void()> callback);
  // Calls back when `fd` wakes its reader, not when something came without a wake. The callback
  // must drain it.
  absl::Status OnWake(int fd, std::function<void()> callback);
  // Calls back every `period`, and on RunTickNow.
  absl::Status Every(std::chrono::milliseconds period, std::function<void()> callback);
  // Calls back once in `delay`. Does nothing while an earlier such call is due.
  void Soon(std::chrono::nanoseconds delay, std::function<void()> callback);
  // Calls back after a SIGHUP. Without a callback the signal is ignored: neither a closed terminal
  // nor a reload by a service manager ends the program.
  void OnHangup(std::function<void()> callback) { hangup_ = std::move(callback); }
  // Runs until SIGINT, SIGTERM or Stop().
  absl::Status Run();
  void Stop();

  // Requests one more tick from another thread, and waits for its end, at most `patience`. Returns
  // false if it has not ended: data read next may be old.
  [[nodiscard]] bool RunTickNow(std::chrono::milliseconds patience);
  // Likewise runs `work` instead of a tick. After a false return it may still run, but no later
  // than what others ask for then.
  [[nodiscard]] bool RunNow(std::function<void()> work, std::chrono::milliseconds patience);

 private:
  EventLoop() = default;
  absl::Status Add(int fd, uint32_t trigger = 0);
  void HandleWake();
  void TakeSignals();

  UniqueFd epoll_, signals_, timer_, wake_, soon_timer_;
  struct Watched {
    int fd;
    std::function<void()> callback;
  };
  std::vector<Watched> watched_;
  std::function<void()> tick_;
  std::function<void()> hangup_;
  std::function<void()> soon_;  // empty: nothing is due
  bool stopping_ = false;

  std::mutex mutex_;  // guards what follows
  std::condition_variable done_;
  uint64_t asked_ = 0;     // requests so far
  uint64_t answered_ = 0;  // all up to this one are done
  bool tick_asked_ = false;
  std::map<uint64_t, std::function<void()>> work_;  // by request; one at most for a waiting thread
};

}  // namespace capmon
