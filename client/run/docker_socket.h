// SPDX-License-Identifier: Apache-2.0
// The socket of the engine that a user means, as the docker command finds it.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace capmon {

// Returns `given` unless it is empty, else that of $DOCKER_HOST, else Docker's usual one. Both may
// be a path or unix:///PATH. INVALID_ARGUMENT for an engine that is not reached by a Unix socket,
// or is named by $DOCKER_CONTEXT only.
absl::StatusOr<std::string> DockerSocket(const std::string& given);

}  // namespace capmon
