// SPDX-License-Identifier: Apache-2.0
// Parses files of OCI runtimes. Pure; a value may be missing, of the wrong type or false, and must
// do no harm.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/model/kernel_event.h"

namespace capmon {

// Parses a bundle's config.json: annotations, capabilities, seccomp filter, the cgroup path if it
// is written out, and the root file system as written (perhaps relative to the bundle).
std::optional<ContainerDescribed> ParseOciConfig(const std::string& json, const std::string& id);
// Parses runc's state.json: the container's cgroup and what it was given.
std::optional<ContainerDescribed> ParseRuncState(const std::string& json, const std::string& id);
// Parses crun's file "status".
std::optional<ContainerDescribed> ParseCrunStatus(const std::string& json, const std::string& id);
// Parses the list of containers that Podman keeps in its storage, containers.json: names and
// images. Leaves out those of CRI-O, whose bundles have more, and of other programs.
std::vector<ContainerDescribed> ParseStorageContainers(const std::string& json);
// Parses Docker's config.v2.json.
std::optional<ContainerDescribed> ParseDockerConfig(const std::string& json, const std::string& id);
// Parses Docker's hostconfig.json; returns whether the container is privileged.
bool ParseDockerHostConfig(const std::string& json);

// Expands linux.cgroupsPath: "a-b.slice:word:name" (systemd) is
// "/a.slice/a-b.slice/word-name.scope". Empty if the result depends on more than the text.
std::string ExpandCgroupsPath(const std::string& text);

}  // namespace capmon
