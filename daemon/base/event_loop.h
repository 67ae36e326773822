// SPDX-License-Identifier: Apache-2.0
// One thread's loop: descriptors, a tick, SIGINT, SIGTERM and SIGHUP, and being asked to run the
// tick now.
// Create it before any other thread, so that all of them leave the signals to it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class EventLoop {
 public:
  static absl::StatusOr<std::unique_ptr<EventLoop>> Create();

  // Calls back while `fd` is readable; the callee must drain it.
  absl::Status OnReadable(int fd, std::function<void()> callback);
  // Calls back every `period`, and when RunTickNow asks for it.
  absl::Status Every(std::chrono::milliseconds period, std::function<void()> callback);
  // Calls back after a SIGHUP. Without a callback it is ignored: a terminal that closes, or a
  // service manager that reloads, never ends the program.
  void OnHangup(std::function<void()> callback) { hangup_ = std::move(callback); }
  // Until SIGINT, SIGTERM or Stop().
  absl::Status Run();
  void Stop();

  // From any other thread: has the tick run once more, and waits for its end, `patience` at most.
  // False when it has not ended by then: what is read next may be as old as the loop is late.
  [[nodiscard]] bool RunTickNow(std::chrono::milliseconds patience);

 private:
  EventLoop() = default;
  absl::Status Add(int fd);
  void HandleWake();
  void TakeSignals();

  UniqueFd epoll_, signals_, timer_, wake_;
  struct Watched {
    int fd;
    std::function<void()> callback;
  };
  std::vector<Watched> watched_;
  std::function<void()> tick_;
  std::function<void()> hangup_;
  bool stopping_ = false;

  std::mutex mutex_;  // guards the two numbers: ticks asked for, ticks done
  std::condition_variable done_;
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
};

}  // namespace capmon
