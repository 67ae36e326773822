// SPDX-License-Identifier: Apache-2.0
// Interprets answers of a CRI runtime, without the transport. Pure.
#pragma once

#include <map>
#include <string>

#include "daemon/attribution/tolerant_json.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

inline constexpr char kSandboxName[] = "POD";  // the name that kubelet gave its sandboxes in Docker

struct Pod {
  std::string name;
  std::string name_space;
  std::string uid;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

// Returns the fields that a container has from its pod.
ContainerDescribed DescribePod(const Pod& pod);
// Returns the image's name as the user or the runtime writes it; empty if it is only a digest.
std::string CriImage(const std::string& user_specified, const std::string& image);
// Adds fields from the verbose status's "info": the capabilities given, the cgroup, privileged or
// not.
void AddCriInfo(const std::string& json, ContainerDescribed& described);

}  // namespace capmon
