// SPDX-License-Identifier: Apache-2.0
// `capmon verify -- CMD`: runs a command again with only the recommended capabilities.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"

namespace capmon {

struct VerifyOptions {
  std::vector<std::string> command;
  std::string container;            // verified instead of a command; see verify_container.h
  std::string docker_socket;        // as given; "": see DockerSocket()
  std::optional<std::string> keep;  // a list; unset: the recommendation
  std::string without;              // a list, removed from `keep`
  std::string check;                // a command for sh
  int check_timeout = 10;           // seconds
};

// Returns kExitOk, kExitDifference, or 128+N when interrupted by signal N.
absl::StatusOr<int> VerifyCommand(const Settings& settings, const VerifyOptions& options);

}  // namespace capmon
