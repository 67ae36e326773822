// SPDX-License-Identifier: Apache-2.0
// What a CRI runtime's answers mean, apart from how they travel. Pure.
#pragma once

#include <map>
#include <string>

#include "daemon/attribution/tolerant_json.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

inline constexpr char kSandboxName[] = "POD";  // as kubelet called its sandboxes in Docker

struct Pod {
  std::string name;
  std::string name_space;
  std::string uid;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

// What a container has from the pod it is in.
ContainerDescribed DescribePod(const Pod& pod);
// The name people wrote, or the runtime uses; empty where that is only a digest.
std::string CriImage(const std::string& user_specified, const std::string& image);
// Adds what the verbose status's "info" contains: the capabilities given, the cgroup, privileged or
// not.
void AddCriInfo(const std::string& json, ContainerDescribed& described);

}  // namespace capmon
