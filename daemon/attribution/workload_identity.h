// SPDX-License-Identifier: Apache-2.0
// Derives the workload of a container. Pure. Uses reports of the program that runs the containers
// and cgroup paths, never only labels of an image or something that a process inside controls: the
// name of another workload would hide an intruder's uses. Described in docs/attribution.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/model/container.h"
#include "daemon/model/workload.h"

namespace capmon {

struct WorkloadIdentity {
  Workload workload;
  // The source of the decision: "label capmon.workload", "labels", "pod name", "compose", "name",
  // "image", "unit", "command", "host".
  std::string source;

  friend bool operator==(const WorkloadIdentity&, const WorkloadIdentity&) = default;
};

// Returns nothing if no known name outlives the container.
std::optional<WorkloadIdentity> IdentifyWorkload(const Container& container);

// Returns whether some container could be an instance of it. False for text that only looks like a
// workload, as "file:/x", "pid:1" and "docker://ID" do.
bool CanBeIdentified(const Workload& workload);

// Returns whether Docker and Podman generate such names: an adjective of their list, "_", letters,
// and digits if the name was taken.
bool IsGeneratedName(std::string_view name);

// Returns "sha256:..." of an image's id or of a reference that ends in a digest; otherwise "".
std::string ImageDigest(std::string_view text);

}  // namespace capmon
