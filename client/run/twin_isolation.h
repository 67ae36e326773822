// SPDX-License-Identifier: Apache-2.0
// Keeps a twin that may fail away from the original: volumes, ports, labels. Pure.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "client/run/docker_twin.h"

namespace capmon {

// Says which process made a twin, so that a later capmon finds what a killed one left behind.
inline constexpr char kTwinOwnerLabel[] = "capmon.minimize";

struct Isolation {
  std::string owner = {};      // the value of the label
  bool share_volumes = false;  // the twin may write to the original's volumes and bind mounts
  bool copy_volumes = false;   // the caller mounts copies of them
  // As in the profile of the original: what a network of its own would change.
  std::map<std::string, std::string> surroundings = {};
};

// Makes volumes and bind mounts read-only, replaces a network that the twin would share by one of
// its own, and removes labels by which others would take it for the original. Adds notes.
void Isolate(const nlohmann::json& inspected, const Isolation& isolation, TwinSettings& twin);

// Whether a twin can change what is not its own: in a namespace of the host or of another
// container, or by a device. Not by the network, of which it gets its own, nor by the cgroup
// namespace, which is the host's wherever cgroups are of version 1.
bool SharesTheMachine(const nlohmann::json& inspected);

}  // namespace capmon
