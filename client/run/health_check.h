// SPDX-License-Identifier: Apache-2.0
// Did it do its job? A shell command of the user's, asked again and again until it says so.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace capmon {

class HealthCheck {
 public:
  // The command runs with our own rights and these variables added to our environment. Without a
  // command there is nothing to pass.
  HealthCheck(std::string command, std::chrono::seconds timeout,
              std::map<std::string, std::string> environment = {});

  bool given() const { return !command_.empty(); }
  bool passed() const { return passed_; }
  // The time allowed, counted from construction, is over.
  bool expired() const { return std::chrono::steady_clock::now() >= deadline_; }
  // Asks once, unless it has passed; what still runs when time is over is killed. Its output goes
  // to standard error.
  void Try() { TryUntil(deadline_); }
  // Asks for the last time, of something that has ended: with fresh patience, and only this counts.
  void Conclude();

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  void TryUntil(Deadline deadline);

  std::string command_;
  std::chrono::seconds timeout_;
  Deadline deadline_;
  std::map<std::string, std::string> environment_;
  bool passed_ = false;
};

}  // namespace capmon
