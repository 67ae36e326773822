// SPDX-License-Identifier: Apache-2.0
// What the files of OCI runtimes say about a container. Pure; anything may be missing, of the wrong
// type, or a lie that must do no harm.
#pragma once

#include <optional>
#include <string>

#include "daemon/model/kernel_event.h"

namespace capmon {

// A bundle's config.json, of the container with this id: Kubernetes' and others' annotations, the
// capabilities asked for, the seccomp filter, the cgroup path where it is spelled out, the root
// file system as it stands there (maybe below the bundle).
std::optional<ContainerDescribed> ParseOciConfig(const std::string& json, const std::string& id);
// runc's state.json: where the container's cgroup is, and what it was given.
std::optional<ContainerDescribed> ParseRuncState(const std::string& json, const std::string& id);
// crun's file "status".
std::optional<ContainerDescribed> ParseCrunStatus(const std::string& json, const std::string& id);
// Docker's config.v2.json.
std::optional<ContainerDescribed> ParseDockerConfig(const std::string& json, const std::string& id);
// Docker's hostconfig.json: whether the container is privileged.
bool ParseDockerHostConfig(const std::string& json);

// What a runtime makes of linux.cgroupsPath: "a-b.slice:word:name" (systemd) is
// "/a.slice/a-b.slice/word-name.scope". Empty where that depends on more than the text.
std::string ExpandCgroupsPath(const std::string& text);

}  // namespace capmon
