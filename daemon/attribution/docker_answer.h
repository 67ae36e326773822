// SPDX-License-Identifier: Apache-2.0
// Parses answers of the Docker Engine API about containers (also Podman's). Pure; anything may
// be missing, of the wrong type, or endless.
#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/model/kernel_event.h"

namespace capmon {

struct ListedContainer {
  ContainerDescribed described;
  bool running = false;
};

// The answer to /containers/json; nothing if it is not a JSON list. Entries without an id are left
// out.
std::optional<std::vector<ListedContainer>> ParseContainerList(const std::string& json, TimeNs now);

// Parses the answer to /containers/ID/json, which also has whether the container is privileged.
std::optional<ContainerDescribed> ParseContainer(const std::string& json, TimeNs now);

// Reads the labels Docker has for a container, and what Kubernetes and Compose say in them as far
// as `described.name` bears it out: an image can bring any label.
void ReadDockerLabels(const nlohmann::json& json, std::initializer_list<const char*> keys,
                      ContainerDescribed& described);

// The id of the container that one line of /events is about, or empty.
std::string ParseEvent(const std::string& json);

}  // namespace capmon
