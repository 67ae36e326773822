// SPDX-License-Identifier: Apache-2.0
// Other containers of a pod and of a namespace. Pure.
#pragma once

#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

// Returns the list of the pod's spec that has the container, derived from times: "initContainers"
// if it ended before others of the pod began and ran beside none, "ephemeralContainers" if kubectl
// debug added it, else "containers". A sidecar among the init containers cannot be recognized.
std::string PlaceInPod(const v1::Container& container, const v1::ListContainersResponse& all);

// References to other containers of its namespace, without sandboxes; bounded. Ended ones count as
// well: init containers, and Jobs that will run again.
std::vector<std::string> NeighboursOf(const v1::Container& container,
                                      const v1::ListContainersResponse& all);

}  // namespace capmon
