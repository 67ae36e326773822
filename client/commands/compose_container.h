// SPDX-License-Identifier: Apache-2.0
// The container of a service of a Compose file, by the labels that Compose gives it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/run/docker_engine.h"

namespace capmon {

struct ComposeService {
  std::string file;     // its path, absolute
  std::string project;  // as Compose would name it
  std::string service;
};

// INVALID_ARGUMENT if the file is no Compose file or has no such service. The project is named by
// `environment` (COMPOSE_PROJECT_NAME), by the file or by its directory, in this order.
absl::StatusOr<ComposeService> ServiceOf(const std::string& file, const std::string& text,
                                         const std::string& service,
                                         const std::string& environment);
// Returns the name of the service's first container in the engine's list, a running one if there is
// one. NOT_FOUND if there is none, FAILED_PRECONDITION if several projects have one.
absl::StatusOr<std::string> ContainerOf(const ComposeService& service, const nlohmann::json& list);

// Reads the file and queries the engine.
absl::StatusOr<std::string> FindComposeContainer(const DockerEngine& engine,
                                                 const std::string& file,
                                                 const std::string& service);

}  // namespace capmon
