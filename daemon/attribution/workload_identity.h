// SPDX-License-Identifier: Apache-2.0
// Which workload a container belongs to. Pure. Decided by what the program that runs containers
// says about them and by cgroup paths, never by what an image brings alone or a process inside
// controls: another workload's name would hide an intruder's uses among that one's. Described in
// docs/attribution.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/model/container.h"
#include "daemon/model/workload.h"

namespace capmon {

inline constexpr char kWorkloadLabel[] = "capmon.workload";

struct WorkloadIdentity {
  Workload workload;
  // What decided: "label capmon.workload", "labels", "pod name", "compose", "name", "image",
  // "unit", "command", "host".
  std::string source;

  friend bool operator==(const WorkloadIdentity&, const WorkloadIdentity&) = default;
};

// Nothing where no name is known that would outlive the container.
std::optional<WorkloadIdentity> IdentifyWorkload(const Container& container);

// Whether Docker and Podman make such names where none is given: an adjective of their list, "_",
// letters, and digits where that was taken.
bool IsGeneratedName(std::string_view name);

// "sha256:..." of an image's id or of a reference that ends in a digest; "" of anything else.
std::string ImageDigest(std::string_view text);

// "docker.io/library/nginx:1.25@sha256:..." as "nginx".
std::string ImageWithoutVersion(const std::string& image);

}  // namespace capmon
