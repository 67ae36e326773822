// SPDX-License-Identifier: Apache-2.0
// What the other containers of a pod and of a namespace show. Pure.
#pragma once

#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

// The list of the pod's spec that has it, as far as times show: "initContainers" for what ended
// before any other of its pod began, "ephemeralContainers" for what kubectl debug put in, else
// "containers". The node cannot see this, and a sidecar among the init containers looks like any
// other.
std::string PlaceInPod(const v1::Container& container, const v1::ListContainersResponse& all);

// References to the other containers of its namespace that run, without what holds pods together;
// bounded.
std::vector<std::string> NeighboursOf(const v1::Container& container,
                                      const v1::ListContainersResponse& all);

}  // namespace capmon
