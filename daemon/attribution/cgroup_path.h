// SPDX-License-Identifier: Apache-2.0
// What a cgroup's path tells about who lives there. Pure.
#pragma once

#include <string_view>

#include "daemon/model/container.h"

namespace capmon {

// Reads every component; the OUTERMOST container component decides (what a container does below
// its own cgroup is its inner life and cannot rename it), except under a node that is itself a
// container (kind, minikube: a kubelet's pod tree inside it), where the pod's container does.
CgroupIdentity IdentifyCgroup(std::string_view path);

}  // namespace capmon
