// SPDX-License-Identifier: Apache-2.0
// Blocks SIGCHLD and termination signals, and queues them, during its lifetime.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <optional>

namespace capmon {

class BlockedSignals {
 public:
  static constexpr std::array<int, 4> kStops = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

  BlockedSignals();
  ~BlockedSignals() { Restore(); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  // Restores the previous mask; also for a child before its exec.
  void Restore() const;
  const sigset_t& before() const { return before_; }
  // Returns the next signal, or nothing after `patience`.
  std::optional<siginfo_t> Next(std::chrono::milliseconds patience) const;
  siginfo_t Next() const;
  // Returns a termination signal that has arrived meanwhile, or 0.
  int TakeStop() const;

 private:
  sigset_t set_;
  sigset_t before_;
};

}  // namespace capmon
