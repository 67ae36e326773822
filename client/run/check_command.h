// SPDX-License-Identifier: Apache-2.0
// The user's shell command of `verify --check`, repeated until it passes.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace capmon {

class CheckCommand {
 public:
  // Runs the command with capmon's own privileges and these variables added to the environment.
  // Without a command there is nothing to pass.
  CheckCommand(std::string command, std::chrono::seconds timeout,
               std::map<std::string, std::string> environment = {});

  bool given() const { return !command_.empty(); }
  bool passed() const { return passed_; }
  // The time, counted from construction, is over.
  bool expired() const { return std::chrono::steady_clock::now() >= deadline_; }
  // Runs the command once, unless it has passed; kills it when the time is over. Its output goes to
  // standard error.
  void Try() { TryUntil(deadline_); }
  // Runs the command a last time, after what it checks has ended, with a new timeout. Only this
  // result counts.
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
