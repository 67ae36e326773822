// SPDX-License-Identifier: Apache-2.0
// What a cgroup's path tells about who lives there. Pure.
#pragma once

#include <string_view>

#include "daemon/model/container.h"

namespace capmon {

// Reads every component; the OUTERMOST container component decides (what a container does below
// its own cgroup is its inner life and cannot rename it), except under a node that is itself a
// container (kind, minikube: a kubelet's pod tree inside it), where the pod's container does.
// A container that is already in a pod is never such a node.
//
// Bytes that are not printable UTF-8 come out as "\xNN". The host's own path is "/". A path no
// kernel makes (empty, overlong, ".." anywhere but in front) is kUnknown.
CgroupIdentity IdentifyCgroup(std::string_view path);

// 64 lower-case hexadecimal digits: what most runtimes use for container ids.
bool IsLongId(std::string_view id);

}  // namespace capmon
