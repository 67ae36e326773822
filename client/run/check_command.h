// SPDX-License-Identifier: Apache-2.0
// The user's shell command of `--check`, repeated until it passes.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace capmon {

struct CheckTerms {
  std::chrono::seconds after{0};  // nothing is tried before this time; the timeout begins then
  int repeat = 0;                 // how often its result is repeated
};

class CheckCommand {
 public:
  // Runs the command with capmon's own privileges and these variables added to the environment.
  // Without a command there is nothing to pass.
  CheckCommand(std::string command, std::chrono::seconds timeout,
               std::map<std::string, std::string> environment = {}, CheckTerms terms = {});

  bool given() const { return !command_.empty(); }
  bool passed() const { return passed_; }
  // It both passed and failed.
  bool unsteady() const { return unsteady_; }
  // It passed, and is not yet repeated as often as it should be.
  bool repeating() const { return passed_ && !settled(); }
  // It passed and was repeated as often as it should be, or was found unsteady.
  bool settled() const { return given() && passed_ && (unsteady_ || repeats_left_ == 0); }
  // The time, counted from construction, is over.
  bool expired() const { return std::chrono::steady_clock::now() >= deadline_; }
  // Runs the command once, unless it has passed and been repeated; kills it when the time is over.
  // Its output goes to standard error.
  void Try();
  // Runs the command a last time, after what it checks has ended, with a new timeout. Only this
  // result and its repetitions count: nothing changes any more, so they have to be equal.
  void Conclude();

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  void TryUntil(Deadline deadline);
  void RepeatFailure(Deadline deadline);
  bool RunUntil(Deadline deadline) const;

  std::string command_;
  std::chrono::seconds timeout_;
  Deadline start_;
  Deadline deadline_;
  std::map<std::string, std::string> environment_;
  CheckTerms terms_;
  int repeats_left_;
  bool passed_ = false;
  bool unsteady_ = false;
};

}  // namespace capmon
