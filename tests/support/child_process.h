// SPDX-License-Identifier: Apache-2.0
// A program started by a test: its input is a pipe, its output is kept in memory. Ends with the
// object and with the test program.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

struct ProcessOptions {
  std::optional<uid_t> user;  // run as this user and group, with no other groups
  std::vector<std::string>
      cgroups;  // directories to join before the program starts, where possible
};

// The result of a program. Not started: -1, and the reason in `err`.
struct Outcome {
  int exit_code = -1;  // 128 + signal when killed
  std::string out;
  std::string err;
};

class ChildProcess {
 public:
  static absl::StatusOr<ChildProcess> Start(const std::vector<std::string>& arguments,
                                            const ProcessOptions& options = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // kills what still runs

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal);
  bool WriteLine(const std::string& line);
  void CloseInput() { input_ = UniqueFd(); }

  // DEADLINE_EXCEEDED if it still runs after `limit`, on an ordinary machine; see Patience().
  absl::StatusOr<int> Wait(std::chrono::seconds limit = std::chrono::seconds(60));
  std::string out() const;
  std::string err() const;

 private:
  ChildProcess(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors);
  bool Reap(int flags);

  pid_t pid_;
  std::optional<int> exit_code_;
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd errors_;
};

// Starts it with empty input and waits for its end.
Outcome RunProgram(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

// Returns whether there is an executable of that name on $PATH.
bool OnPath(const std::string& program);

}  // namespace capmon
