// SPDX-License-Identifier: Apache-2.0
// Derives the container from a cgroup's path. Pure.
#pragma once

#include <string>
#include <string_view>

#include "daemon/model/container.h"

namespace capmon {

// Reads every component; the OUTERMOST container component decides. Who is inside a container can
// make cgroups of any name there, so nothing below it is a container of its own, not even where a
// runtime or a kubelet runs in it (Docker in Docker, kind): all that is told as `inner`.
//
// Bytes that are not printable UTF-8 come out as "\xNN". The host's own path is "/". A path no
// kernel makes (empty, overlong, ".." anywhere but in front) is kUnknown.
CgroupIdentity IdentifyCgroup(std::string_view path);

// The path a runtime says its container has, in IdentifyCgroup's spelling; empty if no container
// can be meant by it: the root, a slice, a whole unit or login session.
std::string ContainerPath(std::string_view path);

// 64 lower-case hexadecimal digits: what most runtimes use for container ids.
bool IsLongId(std::string_view id);

}  // namespace capmon
