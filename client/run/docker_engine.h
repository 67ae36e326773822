// SPDX-License-Identifier: Apache-2.0
// The part of the Docker Engine API that verifying needs; Podman's compatible socket has it as
// well.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace capmon {

class DockerEngine {
 public:
  explicit DockerEngine(std::string socket) : socket_(std::move(socket)) {}

  // The answer of `docker inspect`; Config, HostConfig and State are objects. NOT_FOUND: no such
  // container.
  absl::StatusOr<nlohmann::json> Inspect(const std::string& container) const;
  // Returns what `docker ps --all` shows of the containers that have the label: a list of objects.
  absl::StatusOr<nlohmann::json> List(const std::string& label) const;
  // Returns the value of a label by id, for all containers that have it, running or not.
  absl::StatusOr<std::map<std::string, std::string>> Labelled(const std::string& label) const;
  // Returns the new container's id.
  absl::StatusOr<std::string> Create(const std::string& name, const nlohmann::json& settings) const;
  // ABORTED if the engine could not start it.
  absl::Status Start(const std::string& id) const;
  // Kills the container first if it runs; also removes its anonymous volumes.
  absl::Status Remove(const std::string& id) const;

  // Returns the directory of the new volume, on the engine's host.
  absl::StatusOr<std::string> CreateVolume(const std::string& name,
                                           const std::map<std::string, std::string>& labels) const;
  absl::Status RemoveVolume(const std::string& name) const;
  // Returns the value of a label by name, for all volumes that have it.
  absl::StatusOr<std::map<std::string, std::string>> LabelledVolumes(
      const std::string& label) const;

 private:
  std::string socket_;
};

}  // namespace capmon
