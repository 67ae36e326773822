// SPDX-License-Identifier: Apache-2.0
// The real capmond, on a socket in the test's own directory, and the real capmon as its client.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"

namespace capmon {

std::string CapmondBinary();
std::string CapmonBinary();

class CapmonDaemon {
 public:
  // Returns when it answers; an error has its output on standard error. The socket is
  // DIRECTORY/capmon.sock. Stores and pins nothing unless the flags say so. Uses
  // $CAPMON_TEST_BACKEND if set.
  static absl::StatusOr<CapmonDaemon> Start(const std::string& directory,
                                            const std::vector<std::string>& flags = {},
                                            const ProcessOptions& options = {});

  const std::string& address() const { return address_; }
  ChildProcess& process() { return process_; }
  // Sends SIGTERM and returns the exit code.
  absl::StatusOr<int> Stop();

  // `capmon ARGUMENTS...` with this daemon's address.
  std::vector<std::string> CommandLine(const std::vector<std::string>& arguments) const;
  Outcome Capmon(const std::vector<std::string>& arguments) const;
  // The same with `-o json`, parsed; null on an error.
  nlohmann::json Json(std::vector<std::string> arguments) const;

 private:
  CapmonDaemon(std::string address, ChildProcess process, ProcessOptions options)
      : address_(std::move(address)), process_(std::move(process)), options_(std::move(options)) {}

  std::string address_;
  ChildProcess process_;
  ProcessOptions options_;
};

}  // namespace capmon
