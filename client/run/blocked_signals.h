// SPDX-License-Identifier: Apache-2.0
// While one exists, SIGCHLD and termination signals arrive in one queue.
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

  // What was blocked before; also for a child, before it becomes another program.
  void Restore() const;
  const sigset_t& before() const { return before_; }
  // The next one, or nothing when none came in time.
  std::optional<siginfo_t> Next(std::chrono::milliseconds patience) const;
  siginfo_t Next() const;

 private:
  sigset_t set_;
  sigset_t before_;
};

}  // namespace capmon
