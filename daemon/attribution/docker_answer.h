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

// Parses the answer to /containers/json; nothing if it is no JSON list. Leaves out entries without
// an id.
std::optional<std::vector<ListedContainer>> ParseContainerList(const std::string& json, TimeNs now);

// Parses the answer to /containers/ID/json, which also shows whether the container is privileged.
std::optional<ContainerDescribed> ParseContainer(const std::string& json, TimeNs now);

// Reads the labels of a container, and the Kubernetes and Compose fields in them as far as
// `described.name` confirms them: an image can have any label.
void ReadDockerLabels(const nlohmann::json& json, std::initializer_list<const char*> keys,
                      ContainerDescribed& described);

// Returns the digest of what a container is started with, by its inspection or its file.
std::string DockerCommand(const nlohmann::json& container);
// Returns when it last ended, likewise; 0 if it never did. A running one still has that time.
TimeNs WhenDockerEnded(const nlohmann::json& container);

// Whether the labels claim what only a look at the image's own labels can bear out.
bool WantsImageLabels(const ContainerDescribed& described);
// Believes in those labels that the image does not have, or has with another value: then the
// container was given them. `image` is the answer to /images/ID/json.
void BelieveLabels(const std::string& image, ContainerDescribed& described);

// Returns the id of the container in one line of /events, or "".
std::string ParseEvent(const std::string& json);

}  // namespace capmon
