// SPDX-License-Identifier: Apache-2.0
// The little of the Docker Engine API that verifying takes (Podman's compatible socket has it too).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace capmon {

class DockerEngine {
 public:
  explicit DockerEngine(std::string socket) : socket_(std::move(socket)) {}

  // What `docker inspect` shows; Config, HostConfig and State are objects. NOT_FOUND for no such
  // container.
  absl::StatusOr<nlohmann::json> Inspect(const std::string& container) const;
  // Its id.
  absl::StatusOr<std::string> Create(const std::string& name, const nlohmann::json& settings) const;
  // ABORTED when the engine tried and could not.
  absl::Status Start(const std::string& id) const;
  // Kills it, if need be; its anonymous volumes go with it.
  absl::Status Remove(const std::string& id) const;

 private:
  std::string socket_;
};

}  // namespace capmon
